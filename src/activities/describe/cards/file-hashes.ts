import { errorCode } from '../../../domain/failure/store-failure.ts';
import { atFile, pathIn } from '../../folders/held-folder.ts';
import type { FileSums } from '../../hash/sum-file.ts';
import type { VerifiedLog } from '../../records/verified-records.ts';
import type { CardTools } from './cards-request.ts';
import type { KnownFile } from './known-files.ts';

/** In the hands of the threads at a time. */
const AT_A_TIME = 16;

/** `damaged`: these are not the bytes that were verified. `changed`: somebody is writing to the file, or has taken it away. */
export type Hashed = { readonly sha256: string } | 'damaged' | 'changed';

/**
 * SHA-256 of verified files. What was computed once is noted in their verification records, so that the next time it costs
 * nothing, also where the first time was interrupted.
 */
export class FileHashes {
  readonly #root: string;
  readonly #verified: VerifiedLog;
  readonly #sum: CardTools['sum'];
  readonly #signal: AbortSignal;
  readonly #onHashed: (files: number, bytes: number) => void;
  #files = 0;
  #bytes = 0;
  /** The folder takes no notes. */
  isForgotten = false;

  /** @param onHashed hears how many files and bytes were hashed until now */
  constructor(
    root: string,
    verified: VerifiedLog,
    { sum, signal, onHashed }: Pick<CardTools, 'sum' | 'signal' | 'onHashed'>,
  ) {
    this.#root = root;
    this.#onHashed = onHashed;
    this.#verified = verified;
    this.#sum = sum;
    this.#signal = signal;
  }

  /** Of files that a record vouches for, in their order; noted when this resolves. */
  async of(files: readonly KnownFile[]): Promise<readonly Hashed[]> {
    const hashed = new Array<Hashed>(files.length);
    const notes: Promise<void>[] = [];
    let next = 0;
    const work = async () => {
      for (let at = next++; at < files.length; at = next++)
        hashed[at] = await this.#one(files[at] as KnownFile, notes);
    };
    const workers = Array.from({ length: Math.min(AT_A_TIME, files.length) }, work);
    const ends = await Promise.allSettled(workers);
    // Also what was computed before somebody stopped it.
    await Promise.all(notes);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return hashed;
  }

  /** Of any file: both digests. Throws what the disk says. */
  sum(path: string): Promise<FileSums> {
    return atFile(pathIn(this.#root, path), (file) =>
      this.#sum(file, this.#signal, (bytes) => {
        this.#bytes += bytes;
        this.#onHashed(this.#files, this.#bytes);
      }),
    );
  }

  async #one(file: KnownFile, notes: Promise<void>[]): Promise<Hashed> {
    const { record, seen, sha256 } = file;
    if (sha256 !== undefined) return { sha256 };
    if (record === undefined) return 'changed';
    let sums: FileSums;
    try {
      sums = await this.sum(file.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 'changed';
      throw error;
    }
    this.#files += 1;
    if (sums.size !== seen.size || sums.mtime !== seen.mtime) return 'changed';
    if (sums.md5 !== record.md5) return 'damaged';
    notes.push(this.#note(file, sums.sha256));
    return { sha256: sums.sha256 };
  }

  async #note({ kind, group, record, turn }: KnownFile, sha256: string): Promise<void> {
    // What is to go may be gone by now, and its last record must be the one that says so.
    if (record === undefined || record.passing === true || this.isForgotten) return;
    try {
      await this.#verified.append(this.#root, kind, group, {
        ...record,
        sha256,
        at: new Date().toISOString(),
        turn,
      });
    } catch (error) {
      if (!['EROFS', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
      this.isForgotten = true;
    }
  }
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { MANIFEST_FILE, statePaths } from '../../domain/dataset/layout.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import type { DescribedRecord } from '../../domain/rights/described-record.ts';
import { type IndexRow, ROW_SCHEMA, recordOf, rowOf } from '../../domain/rights/index-row.ts';
import { atFile, inFolder } from '../folders/held-folder.ts';
import { openToRead } from '../folders/real-file.ts';
import type { Seal } from '../records/seal.ts';
import { readSmallFile, writeFileAtomically } from '../store/atomic-file.ts';
import { lstatIfThere, md5OfFile, onDisk } from '../store/file-info.ts';
import { ReplacedFile } from '../store/replaced-file.ts';
import { readStoreId } from '../store/store-identity.ts';

/*
 * What a manifest says of its records, without landmarks: a seventh of its bytes. Each line holds some hundred rows and is
 * sealed for its place in this one making of the index: a stranger's line, or one of another making, opens nowhere. The
 * head, sealed for this folder, says of which manifest the making is, and as which file that was seen: while it is that
 * file, nobody hashes its 255 MB again.
 */

/** Characters of rows to a line; one record has at most 600,000. */
const LINE_CHARACTERS = 64 * 1024;

/** Bytes of the longest line that is looked at. */
const MOST_LINE = 4 * 1024 ** 2;

const PIECE_BYTES = 256 * 1024;

const MOST_HEAD_BYTES = 2_000;

/** A file, by what the system notes of it. */
interface SeenFile {
  readonly size: number;
  readonly mtime: string;
  readonly ctime: string;
  readonly inode: string;
}

interface Head {
  readonly schema: number;
  /** Names the making. */
  readonly making: string;
  readonly md5: Md5;
  readonly seen: SeenFile;
}

export interface ReadManifest {
  readonly md5: Md5;
  readonly bytes: number;
}

/** The index of a dataset folder. What keeps it from being read or written keeps nobody from reading the manifest. */
export class RecordIndex {
  readonly #folder: string;
  readonly #purpose: string;
  readonly #seal: Seal;

  private constructor(folder: string, store: string, seal: Seal) {
    this.#folder = folder;
    this.#purpose = `index ${store}`;
    this.#seal = seal;
  }

  /** Undefined: no run has been in this folder, and who only looks leaves nothing there. */
  static async of(folder: string, seal: Seal): Promise<RecordIndex | undefined> {
    const store = await unlessClosed(() => readStoreId(folder));
    return store === undefined ? undefined : new RecordIndex(folder, store, seal);
  }

  /** Of the manifest, as far as the head knows the file that lies there. */
  async md5(): Promise<Md5 | undefined> {
    const head = await unlessClosed(() => this.#head());
    const manifest = head === undefined ? undefined : await this.#look();
    return head !== undefined && manifest !== undefined && isSame(head.seen, manifest) ? head.md5 : undefined;
  }

  /**
   * Records of the manifest as it lies there, in its order, from the index as far as that is whole.
   *
   * @returns the manifest; undefined: what follows must be read from the manifest itself
   */
  async *read(signal: AbortSignal): AsyncGenerator<DescribedRecord, ReadManifest | undefined> {
    const head = await unlessClosed(() => this.#head());
    const manifest = head === undefined ? undefined : await this.#look();
    if (head === undefined || manifest === undefined) return undefined;
    const { md5, making } = head;
    if (!isSame(head.seen, manifest)) {
      const path = join(this.#folder, MANIFEST_FILE);
      const now = await unlessClosed(() => md5OfFile(path, signal, () => {}));
      if (now !== md5) return undefined;
      await this.#note({ ...head, seen: manifest });
    }
    let nth = 0;
    const lines = linesOf(join(this.#folder, statePaths.recordIndex));
    try {
      for (;;) {
        const next = await unlessClosed(() => lines.next());
        signal.throwIfAborted();
        if (next === undefined || next.done === true) return undefined;
        const said = this.#seal.open(purposeOf(making, nth), next.value);
        if (said === undefined) return undefined;
        nth += 1;
        const { rows, isLast } = JSON.parse(said) as Line;
        for (const row of rows) yield recordOf(row);
        if (isLast) return { md5, bytes: manifest.size };
      }
    } finally {
      await lines.return(undefined);
    }
  }

  /** Begins to make it anew, of a manifest that is not opened yet. Undefined: nothing can be written there. */
  async draft(): Promise<IndexDraft | undefined> {
    const seen = await unlessClosed(() => this.#look());
    if (seen === undefined) return undefined;
    const file = await unlessClosed(async () => {
      await inFolder(this.#folder, statePaths.index, async () => {}, 'made');
      return ReplacedFile.begin(this.#folder, statePaths.recordIndex);
    });
    if (file === undefined) return undefined;
    const making = randomBytes(8).toString('hex');
    return new IndexDraft(file, making, this.#seal, async (md5) => {
      const now = await this.#look();
      // Of a file that was changed or replaced meanwhile nobody knows which one was read.
      if (now !== undefined && isSame(seen, now)) await this.#note({ schema: ROW_SCHEMA, making, md5, seen });
    });
  }

  async #look(): Promise<SeenFile | undefined> {
    const info = await atFile(join(this.#folder, MANIFEST_FILE), lstatIfThere);
    if (info?.isFile() !== true) return undefined;
    return { ...onDisk(info), ctime: String(info.ctimeNs), inode: String(info.ino) };
  }

  async #head(): Promise<Head | undefined> {
    const text = await readSmallFile(join(this.#folder, statePaths.indexHead), MOST_HEAD_BYTES);
    const said = text === undefined ? undefined : this.#seal.open(this.#purpose, text.trimEnd());
    const head = said === undefined ? undefined : (JSON.parse(said) as Head);
    return head?.schema === ROW_SCHEMA ? head : undefined;
  }

  async #note(head: Head): Promise<void> {
    const text = this.#seal.close(this.#purpose, JSON.stringify(head));
    await unlessClosed(() => writeFileAtomically(join(this.#folder, statePaths.indexHead), `${text}\n`));
  }
}

interface Line {
  readonly rows: readonly IndexRow[];
  readonly isLast: boolean;
}

/** An index in the making. A disk that is full, or closed by now, ends it, and not whoever reads the records. */
class IndexDraft {
  readonly #file: ReplacedFile;
  readonly #making: string;
  readonly #seal: Seal;
  readonly #finished: (md5: Md5) => Promise<void>;
  #rows: string[] = [];
  #characters = 0;
  #lines = 0;
  #isLost = false;

  constructor(file: ReplacedFile, making: string, seal: Seal, finished: (md5: Md5) => Promise<void>) {
    this.#file = file;
    this.#making = making;
    this.#seal = seal;
    this.#finished = finished;
  }

  async add(record: DescribedRecord): Promise<void> {
    if (this.#isLost) return;
    const row = JSON.stringify(rowOf(record));
    this.#rows.push(row);
    this.#characters += row.length;
    if (this.#characters >= LINE_CHARACTERS) await this.#write(false);
  }

  async finish(md5: Md5): Promise<void> {
    await this.#write(true);
    if (this.#isLost) return;
    await unlessClosed(async () => {
      await this.#file.replace();
      await this.#finished(md5);
    });
  }

  async discard(): Promise<void> {
    await unlessClosed(() => this.#file.discard());
  }

  async #write(isLast: boolean): Promise<void> {
    const text = `{"rows":[${this.#rows.join()}],"isLast":${isLast}}`;
    const line = this.#seal.close(purposeOf(this.#making, this.#lines), text);
    this.#rows = [];
    this.#characters = 0;
    this.#lines += 1;
    const isWritten = await unlessClosed(async () => {
      await this.#file.write(`${line}\n`);
      return true;
    });
    this.#isLost ||= isWritten !== true;
  }
}

function purposeOf(making: string, nth: number): string {
  return `index line ${making} ${nth}`;
}

function isSame(one: SeenFile, other: SeenFile): boolean {
  return (
    one.size === other.size &&
    one.mtime === other.mtime &&
    one.ctime === other.ctime &&
    one.inode === other.inode
  );
}

/** Ends where a line is longer than any of ours. One buffer for all of them: the file need not be in memory. */
async function* linesOf(path: string): AsyncGenerator<string, undefined> {
  const handle = await atFile(path, openToRead);
  let buffer = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  try {
    for (;;) {
      if (filled === buffer.length) {
        if (filled >= MOST_LINE) return undefined;
        buffer = Buffer.concat([buffer, Buffer.allocUnsafe(filled)]);
      }
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled);
      if (bytesRead === 0) return undefined;
      filled += bytesRead;
      const text = buffer.subarray(0, filled);
      let from = 0;
      for (let end = text.indexOf(0x0a); end !== -1; end = text.indexOf(0x0a, from)) {
        yield text.toString('utf8', from, end);
        from = end + 1;
      }
      buffer.copyWithin(0, from, filled);
      filled -= from;
    }
  } finally {
    await handle.close();
  }
}

/** Undefined where the disk, or what lies in the folder, does not let us. */
async function unlessClosed<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    const isOfDisk = errorCode(error) !== undefined && !(error as Error).name.includes('Abort');
    if (error instanceof StoreError || isOfDisk) return undefined;
    throw error;
  }
}

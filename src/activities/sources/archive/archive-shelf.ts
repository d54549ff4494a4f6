import type { SourceFailureReason } from '../../../domain/failure/source-failure.ts';
import { MirrorBook } from '../../../domain/mirrors/mirror-book.ts';
import { unlessAborted } from '../../signals/unless-aborted.ts';
import type { Access, ArchiveVersion, Failed } from './access.ts';
import { told } from './open-member.ts';
import { newProgress, openTar, type TarKeeper, type TarProgress } from './open-tar.ts';
import { type OpenedArchive, openZip } from './open-zip.ts';
import { TarIndexFile } from './tar-index-file.ts';
import { TarStreams } from './tar-stream.ts';

export type ArchiveForm = 'zip' | 'tar';

/** Archives whose directories are held at a time, and their bytes; those not asked for longest go first. */
const MOST_ARCHIVES = 256;
const MOST_BYTES = 256 * 1024 ** 2;

/** Milliseconds for which an archive that cannot be read is not read again for the next file. */
const BAD_FOR_MS = 30_000;

/** After these nobody goes on with what was read. */
const WORTHLESS: ReadonlySet<SourceFailureReason> = new Set(['bad-archive', 'archive-changed']);

interface Held {
  readonly opening: Promise<OpenedArchive | Failed | 'given up'>;
  bytes: number;
  opened?: OpenedArchive;
}

/** The directories of a process's archives: each is read once, by whoever asks first, and the others wait for that. */
export class ArchiveShelf {
  /** Which archive gave which file, and which failed it. */
  readonly files = new MirrorBook();
  /** Of tars that are asked for member after member. */
  readonly streams: TarStreams;
  readonly #cacheDir: string | undefined;
  readonly #held = new Map<string, Held>();
  /** Headers of tars of which not all could be read. */
  readonly #begun = new Map<string, TarProgress>();

  /** @param cacheDir where indexes of tars are kept; undefined: nowhere */
  constructor(cacheDir?: string) {
    this.#cacheDir = cacheDir;
    this.streams = new TarStreams(cacheDir);
  }

  /** Rejects with the signal's reason alone. */
  async open(form: ArchiveForm, access: Access, signal: AbortSignal): Promise<OpenedArchive | Failed> {
    const key = `${form} ${access.place}`;
    for (;;) {
      signal.throwIfAborted();
      const held = this.#held.get(key) ?? this.#begin(key, form, access, signal);
      // The one asked for last is the last to go.
      this.#held.delete(key);
      this.#held.set(key, held);
      if (held.opened !== undefined) return held.opened;
      const opened = await unlessAborted(held.opening, signal);
      if (opened !== 'given up') return opened;
    }
  }

  /** It is no longer of this version, as it was opened: it is read again, by whoever asks next. */
  forget(form: ArchiveForm, { place }: Access, version: ArchiveVersion): void {
    const key = `${form} ${place}`;
    if (this.#held.get(key)?.opened?.version === version) this.#held.delete(key);
  }

  #begin(key: string, form: ArchiveForm, access: Access, signal: AbortSignal): Held {
    const opening = this.#opened(key, form, access, signal).catch((error: unknown) => {
      this.#drop(key, held);
      if (signal.aborted) return 'given up' as const;
      throw error;
    });
    const held: Held = { opening, bytes: 0 };
    this.#held.set(key, held);
    opening.then(
      (opened) => {
        if (opened === 'given up') return;
        if (opened.status === 'opened') {
          held.bytes = opened.table.bytes;
          held.opened = opened;
        } else this.#dropFailed(key, held, opened);
        dropOldest(this.#held, (one) => one.bytes);
      },
      () => {},
    );
    return held;
  }

  async #opened(
    key: string,
    form: ArchiveForm,
    access: Access,
    signal: AbortSignal,
  ): Promise<OpenedArchive | Failed> {
    const opened = await told(access, () =>
      form === 'zip' ? openZip(access, signal) : this.#openTar(key, access, signal),
    );
    // Made by the first look-up otherwise, of whoever comes first.
    if (opened.status === 'opened') {
      const found = await told(access, async () => opened.table.find(''));
      if ('status' in found) return found;
    }
    return opened;
  }

  /** However it ends, what was read is kept, for whoever asks next to go on there: a long tar may never come in one go. */
  async #openTar(key: string, access: Access, signal: AbortSignal): Promise<OpenedArchive | Failed> {
    let progress: TarProgress | undefined;
    let file: TarIndexFile | undefined;
    let isWhole = false;
    let isWorthless = false;
    const keeper: TarKeeper = {
      begin: async (version) => {
        file = TarIndexFile.of(this.#cacheDir, access, version);
        const read = await file?.read(version);
        if (read?.isWhole === true) {
          // Nothing is left to read of it, nor to keep.
          file = undefined;
          return { ...read.progress, at: version.size };
        }
        const begun = this.#begun.get(key);
        const isOfThis = begun !== undefined && isSame(begun.version, version);
        progress = isOfThis ? begun : (read?.progress ?? newProgress(version));
        return progress;
      },
      grew: async (grown) => file?.keepUp(grown),
    };
    try {
      const opened = await told(access, () => openTar(access, signal, keeper));
      isWhole = opened.status === 'opened';
      isWorthless = opened.status === 'failed' && WORTHLESS.has(opened.failure.reason);
      return opened;
    } finally {
      if (progress !== undefined) {
        this.#begun.delete(key);
        if (!isWhole && !isWorthless) this.#begun.set(key, progress);
        dropOldest(this.#begun, ({ table }) => table.bytes);
        await (isWorthless ? file?.remove() : file?.write(progress, isWhole));
      }
    }
  }

  /** What may pass is asked about again at once; what is wrong with the archive itself after a while. */
  #dropFailed(key: string, held: Held, { failure }: Failed): void {
    if (failure.reason !== 'bad-archive') this.#drop(key, held);
    else setTimeout(() => this.#drop(key, held), BAD_FOR_MS).unref();
  }

  #drop(key: string, held: Held): void {
    if (this.#held.get(key) === held) this.#held.delete(key);
  }
}

/** What is left is within the bounds, or one. */
function dropOldest<Value>(map: Map<string, Value>, bytesOf: (value: Value) => number): void {
  let bytes = [...map.values()].reduce((sum, value) => sum + bytesOf(value), 0);
  for (const [key, value] of map) {
    if (map.size <= 1 || (bytes <= MOST_BYTES && map.size <= MOST_ARCHIVES)) return;
    bytes -= bytesOf(value);
    map.delete(key);
  }
}

function isSame(one: ArchiveVersion, other: ArchiveVersion): boolean {
  return one.size === other.size && one.etag === other.etag && one.date === other.date;
}

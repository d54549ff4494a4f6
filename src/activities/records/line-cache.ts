import type { AlignSpec } from '../../domain/align/align-spec.ts';
import { md5Of } from '../../domain/dataset/digest.ts';
import type { ImageId, Md5 } from '../../domain/dataset/ids.ts';
import type { ImageSpec } from '../../domain/dataset/manifest.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import type { SelectionFile } from '../../domain/selection/selection-file.ts';
import { atFile } from '../folders/held-folder.ts';
import { readBytes } from '../folders/real-file.ts';
import type { Seal } from './seal.ts';
import { Turns } from './turns.ts';

/** What a file of lines must be; as it was written. */
export interface LineFile {
  readonly files: number;
  /** Of its text. */
  readonly md5: Md5;
}

/** The last few results of reading something that many bundles read, by path. One that failed is read again. */
export class RecentReads<Value> {
  readonly #capacity: number;
  readonly #reads = new Map<string, Promise<Value>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(path: string, read: () => Promise<Value>): Promise<Value> {
    const known = this.#reads.get(path);
    const value = known ?? read();
    if (known === undefined) value.catch(() => this.#reads.delete(path));
    this.#reads.delete(path);
    this.#reads.set(path, value);
    for (const oldest of this.#reads.keys()) {
      if (this.#reads.size <= this.#capacity) break;
      this.#reads.delete(oldest);
    }
    return value;
  }

  /** What was read is not so any more. */
  forget(path: string): void {
    this.#reads.delete(path);
  }
}

/** Of the manifest's slices, of where every face lies, and of what their files must be; one each per process. */
export interface ManifestCaches {
  /** What our own texts in the folder are known by. */
  readonly seal: Seal;
  readonly slices: RecentReads<ReadonlyMap<ImageId, ImageSpec>>;
  readonly crops: RecentReads<ReadonlyMap<ImageId, AlignSpec>>;
  readonly summaries: RecentReads<ReadonlyMap<string, LineFile>>;
  /** Records by the path of their original, of originals that several faces are cut out of. */
  readonly shared: RecentReads<ReadonlyMap<string, readonly ImageId[]>>;
  /** Paths by MD5, of contents that several records name under different paths. */
  readonly twins: RecentReads<ReadonlyMap<Md5, readonly string[]>>;
  /** Of those the second waits for the first. */
  readonly turns: Turns;
  /** The records that runs selected. */
  readonly selected: RecentReads<SelectionFile>;
  /** The records that folders let go, by list and manifest. */
  readonly excluded: RecentReads<readonly ImageId[]>;
}

export function makeManifestCaches(seal: Seal): ManifestCaches {
  return {
    seal,
    slices: new RecentReads(8),
    crops: new RecentReads(4),
    summaries: new RecentReads(8),
    shared: new RecentReads(2),
    twins: new RecentReads(2),
    turns: new Turns(),
    selected: new RecentReads(2),
    excluded: new RecentReads(4),
  };
}

/** What this program noted of the manifest is not there, or not as it was written: the run has it made anew. */
export function manifestLost(path: string, got: string, cause?: unknown): StoreError {
  return new StoreError(
    'manifest-lost',
    `manifest [file=${path}]: expected what was noted of it, got ${got}`,
    {
      cause,
    },
  );
}

export function isManifestLost(error: unknown): error is StoreError {
  return error instanceof StoreError && error.reason === 'manifest-lost';
}

/** Does a check of files pass, or find that they are lost? */
export async function areWhole(check: Promise<void>): Promise<boolean> {
  try {
    await check;
    return true;
  } catch (error) {
    if (isManifestLost(error)) return false;
    throw error;
  }
}

/** The bytes of a file that this program wrote, if they are still those; throws `manifest-lost`. */
export async function readLineFile(path: string, expected: LineFile | undefined): Promise<Buffer> {
  if (expected === undefined) throw manifestLost(path, 'a summary that does not name it');
  let bytes: Buffer;
  try {
    bytes = await atFile(path, readBytes);
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (!LOST.includes(code)) throw error;
    throw manifestLost(path, code === 'ENOENT' ? 'nothing' : (error as Error).message, error);
  }
  const md5 = md5Of(bytes);
  if (md5 !== expected.md5) throw manifestLost(path, `${bytes.length} bytes of MD5 ${md5}`);
  return bytes;
}

/** Nothing there, something else, or a sector that can no longer be read: all of them are mended by a new file. */
const LOST = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EIO'];

/** Its lines by id. */
export async function readLines<Id, Line>(
  path: string,
  expected: LineFile | undefined,
  idOf: (line: Line) => Id,
): Promise<ReadonlyMap<Id, Line>> {
  const bytes = await readLineFile(path, expected);
  const lines = new Map<Id, Line>();
  for (const text of bytes.toString('utf8').split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text) as Line;
    lines.set(idOf(line), line);
  }
  if (lines.size !== expected?.files) throw manifestLost(path, `${lines.size} of ${expected?.files} lines`);
  return lines;
}

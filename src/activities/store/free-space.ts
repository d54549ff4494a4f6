import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';

/** Bytes that an unprivileged process may still write where `path` lies, or will lie once it is made. */
export async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return freeBytes(dirname(path));
  }
}

/** Names that may still be made there; undefined where the file system does not count them. */
export async function freeInodes(path: string): Promise<number | undefined> {
  try {
    const { ffree, files } = await statfs(path);
    return files === 0 ? undefined : ffree;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return freeInodes(dirname(path));
  }
}

/** How long a reading is good for; the reserve covers what can be written meanwhile. */
const READING_MS = 2_000;

/**
 * Kept free, beside the reserve, by originals that go once they have served: for the pictures that are made of them and
 * for the notes of both.
 */
const ROOM_TO_ALIGN = 8 * 1024 ** 2;

/** Stops downloads before the disk is full to the last byte; the reserve is left for everybody else. */
export class SpaceGuard {
  readonly #reserveBytes: number;
  /** By originals on their way. */
  #taken = 0;
  readonly #readings = new Map<string, { readonly at: number; readonly free: Promise<number> }>();

  constructor(reserveBytes: number) {
    this.#reserveBytes = reserveBytes;
  }

  get reserveBytes(): number {
    return this.#reserveBytes;
  }

  /** Throws `disk-full` when `bytes` more would eat into the reserve. */
  async check(storePath: string, bytes: number): Promise<void> {
    const now = performance.now();
    let reading = this.#readings.get(storePath);
    if (reading === undefined || now - reading.at > READING_MS) {
      reading = { at: now, free: freeBytes(storePath) };
      this.#readings.set(storePath, reading);
    }
    refuseFull(storePath, bytes, await reading.free, this.#reserveBytes);
  }

  /** The same for what makes more room than it takes: the reserve is there for it too, else none would ever be made. */
  async checkFreeing(storePath: string, bytes: number): Promise<void> {
    refuseFull(storePath, bytes, await freeBytes(storePath), 0);
  }

  /**
   * Room for an original that goes once it has served, beside those that this process fetches already; answers how to
   * give it back, or undefined where there is none.
   */
  async take(storePath: string, bytes: number): Promise<(() => void) | undefined> {
    const free = await freeBytes(storePath);
    // Of what was taken some is written by now, and missing from `free` too: near the end fewer are fetched at a time.
    if (free - this.#taken - bytes < this.#reserveBytes + ROOM_TO_ALIGN) return undefined;
    this.#taken += bytes;
    return () => {
      this.#taken -= bytes;
    };
  }
}

function refuseFull(storePath: string, bytes: number, free: number, reserve: number): void {
  if (free - bytes >= reserve) return;
  throw new StoreError(
    'disk-full',
    `store [path=${storePath}]: expected ${bytes} bytes free beside the reserve of ${reserve} (--reserve), got ${free}`,
  );
}

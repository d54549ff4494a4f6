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

/** How long a reading is good for; the reserve covers what can be written meanwhile. */
const READING_MS = 2_000;

/** Stops downloads before the disk is full to the last byte; the reserve is left for everybody else. */
export class SpaceGuard {
  readonly #reserveBytes: number;
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
    const free = await reading.free;
    if (free - bytes >= this.#reserveBytes) return;
    throw new StoreError(
      'disk-full',
      `store [path=${storePath}]: expected ${bytes} bytes free beside the reserve of ${this.#reserveBytes} (--reserve), got ${free}`,
    );
  }
}

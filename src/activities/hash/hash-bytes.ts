import { setImmediate } from 'node:timers/promises';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';

/** MD5 runs at 300 to 600 MB/s on the event loop's thread: 1 MiB holds it for 2 to 4 ms. */
const SLICE_BYTES = 1024 ** 2;

/** MD5 of bytes in memory, sooner or later. Throws the signal's reason. */
export type HashBytes = (bytes: Uint8Array, signal: AbortSignal) => Promise<Md5>;

let lastTurn: Promise<unknown> = Promise.resolve();

/** One slice in a turn of the event loop, over all files: many that finish at once must not hold it together. */
function nextTurn(): Promise<unknown> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}

/** MD5 of bytes in memory, in slices that leave the event loop room for heartbeats. */
export async function md5InTurns(bytes: Uint8Array, signal: AbortSignal): Promise<Md5> {
  const hash = runningMd5();
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    // Thumbnails and the like are over before anybody could wait for them.
    if (bytes.length > SLICE_BYTES / 8) {
      await nextTurn();
      signal.throwIfAborted();
    }
    hash.update(bytes.subarray(at, at + SLICE_BYTES));
  }
  return hash.digest();
}

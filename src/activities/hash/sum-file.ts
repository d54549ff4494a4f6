import { fstatSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { runningMd5, runningSha256 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';

/** Read, and hashed twice, between two turns of the thread. */
export const SUM_BYTES = 1024 ** 2;

/** What a file's bytes are, as far as digests tell. */
export interface FileSums {
  readonly md5: Md5;
  readonly sha256: string;
  /** Of the file that was read, as verification records hold them; no time where it was changed meanwhile. */
  readonly size: number;
  readonly mtime: string;
}

/**
 * Runs in a verifying thread, whose reads may hold it. MD5 comes along with SHA-256, so that nobody notes the SHA-256 of
 * bytes that are not the ones that were verified.
 */
export async function sumFile(
  fd: number,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<FileSums> {
  const before = fstatSync(fd, { bigint: true });
  const md5 = runningMd5();
  const sha256 = runningSha256();
  // A thumbnail has some 30 KB; the last read is an empty one.
  const buffer = Buffer.allocUnsafe(Math.min(SUM_BYTES, Number(before.size) + 1));
  let size = 0;
  for (;;) {
    await setImmediate();
    signal.throwIfAborted();
    const bytes = readSync(fd, buffer, 0, buffer.length, size);
    if (bytes === 0) break;
    const piece = buffer.subarray(0, bytes);
    md5.update(piece);
    sha256.update(piece);
    size += bytes;
    onBytes(bytes);
  }
  const after = fstatSync(fd, { bigint: true });
  const isSteady = before.mtimeNs === after.mtimeNs && Number(after.size) === size;
  return {
    md5: md5.digest(),
    sha256: sha256.digest(),
    size,
    mtime: isSteady ? String(after.mtimeNs) : '',
  };
}

import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';

/** Size in bytes and digest of a file that was written. */
export interface WrittenFile {
  readonly size: number;
  readonly md5: Md5;
}

/**
 * Writes the pieces to a name of its own beside the target and renames: the target is the whole file or as it was.
 * Not the store's writer of small texts: this one holds one piece at a time, counts and digests, and does not wait for
 * the disk, because what is made here can be made again and is checked before it is used again.
 *
 * @param path - In a folder that is there.
 * @throws What the pieces throw, the signal's reason, or the file system's error; nothing is left behind then.
 */
export async function writePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  signal?: AbortSignal,
): Promise<WrittenFile> {
  const partial = `${path}.${randomUUID()}.partial`;
  const digest = runningMd5();
  let size = 0;
  try {
    const file = await open(partial, 'wx');
    try {
      for await (const piece of pieces) {
        signal?.throwIfAborted();
        const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
        digest.update(bytes);
        size += bytes.length;
        await file.appendFile(bytes);
      }
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { size, md5: digest.digest() };
}

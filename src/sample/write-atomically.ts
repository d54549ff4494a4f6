import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Md5 } from '../domain/dataset/ids.ts';

/** Size and digest of a file that was written. */
export interface WrittenFile {
  readonly size: number;
  readonly md5: Md5;
}

/**
 * Writes the pieces to a name of its own beside the target and renames: the target is the whole file or as it was.
 * Not synced to the disk: what is made here can be made again, and is checked before it is used again.
 */
export async function writeAtomically(
  path: string,
  pieces: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  signal?: AbortSignal,
): Promise<WrittenFile> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${randomUUID()}.partial`;
  const digest = createHash('md5');
  let size = 0;
  try {
    const file = await open(partial, 'wx');
    try {
      for await (const piece of pieces) {
        signal?.throwIfAborted();
        const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
        digest.update(bytes);
        size += bytes.length;
        for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
      }
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { size, md5: digest.digest('hex') as Md5 };
}

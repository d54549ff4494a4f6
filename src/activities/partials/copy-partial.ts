import type { FileHandle } from 'node:fs/promises';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { createAnew, openOwn } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';

const PIECE_BYTES = 1024 ** 2;

/**
 * Copies the first `size` bytes of a partial file, or as many as there are: its writer may take some back meanwhile, and
 * `copyFile` of Node.js would wait for those for ever. False, and nothing is left, where it cannot be copied. Throws what
 * the next attempt would meet as well: no room, no memory, no open files.
 */
export async function copyPartial(from: string, to: string, size: number): Promise<boolean> {
  try {
    const source = await openOwn(from);
    try {
      const copy = await createAnew(to);
      try {
        await copyBytes(source, copy, size);
      } finally {
        await copy.close();
      }
    } finally {
      await source.close();
    }
    return true;
  } catch (error) {
    await removeFile(to);
    const reason = storeErrorFrom(error, to)?.reason;
    if (reason === 'disk-full' || reason === 'machine-short') throw error;
    return false;
  }
}

async function copyBytes(source: FileHandle, copy: FileHandle, size: number): Promise<void> {
  const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await source.read(piece, 0, Math.min(piece.length, size - at), at);
    if (bytesRead === 0) return;
    // Writes on where the disk takes a part only, or throws.
    await copy.writeFile(piece.subarray(0, bytesRead));
    at += bytesRead;
  }
}

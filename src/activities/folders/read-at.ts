import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ReadAt } from '../../domain/png/photo-size.ts';

/** Parts of an open file, whatever becomes of its name: so many bytes from a place on, or as many as there are. */
export function readerOf(handle: FileHandle): ReadAt {
  return async (at, length) => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, at);
    return bytes.subarray(0, bytesRead);
  };
}

/** So many bytes of an open file, or fewer where it ends before. Throws what the file system says. */
export function readBytesSync(fd: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (let read = -1; at < size && read !== 0; at += read) read = readSync(fd, bytes, at, size - at, at);
  return bytes.subarray(0, at);
}

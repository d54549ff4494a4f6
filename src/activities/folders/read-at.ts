import type { FileHandle } from 'node:fs/promises';

/** Parts of an open file, whatever becomes of its name: so many bytes from a place on, or as many as there are. */
export function readerOf(handle: FileHandle): (at: number, length: number) => Promise<Uint8Array> {
  return async (at, length) => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await handle.read(bytes, 0, length, at);
    return bytes.subarray(0, bytesRead);
  };
}

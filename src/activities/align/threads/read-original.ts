import { closeSync, constants, openSync, readSync } from 'node:fs';

/** So many bytes of a file, or fewer where it ends before; they are the thread's own. Throws what the file system says. */
export function readOriginal(path: string, size: number): Uint8Array {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.allocUnsafeSlow(size);
    let at = 0;
    for (let read = -1; at < size && read !== 0; at += read) read = readSync(fd, bytes, at, size - at, at);
    return bytes.subarray(0, at);
  } finally {
    closeSync(fd);
  }
}

import { readSync } from 'node:fs';
import type { OpenOriginalFile } from './align-task.ts';

/** So many bytes of a file, or fewer where it ends before; they are the thread's own. Throws what the file system says. */
export function readOriginal({ fd, size }: OpenOriginalFile): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (let read = -1; at < size && read !== 0; at += read) read = readSync(fd, bytes, at, size - at, at);
  return bytes.subarray(0, at);
}

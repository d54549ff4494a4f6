import { lstat } from 'node:fs/promises';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { openToRead } from './real-file.ts';

/** A file's first bytes, as text. Undefined: nothing lies there. Empty for what is no file. */
export async function beginningOf(path: string, bytes: number): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isFile()) return '';
    const handle = await openToRead(path);
    try {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(bytes), position: 0 });
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

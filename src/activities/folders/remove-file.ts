import { unlinkSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { errorCode } from '../../domain/failure/store-failure.ts';

/**
 * Removes a name that is no folder's, if it is there. Not `rm` of Node.js: that looks at the path twice, and when a folder
 * has come there in between it removes all that is in it, by paths.
 */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** The same for a thread that waits for nobody. */
export function removeFileSync(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

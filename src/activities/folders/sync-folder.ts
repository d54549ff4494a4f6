import { open } from 'node:fs/promises';
import { errorCode } from '../../domain/failure/store-failure.ts';

/** What file systems say that have nothing to sync in a folder, or do not let it be opened for that. */
const notKnown: ReadonlySet<string | undefined> = new Set([
  ...['EINVAL', 'EISDIR', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EACCES'],
]);

/** A name that was made, renamed or removed in a folder outlives a power failure only once the folder is synced. */
export async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!notKnown.has(errorCode(error))) throw error;
  }
}

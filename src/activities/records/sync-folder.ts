import { open } from 'node:fs/promises';
import { errorCode } from '../../domain/failure/store-failure.ts';

/** File systems behind a network or in a user's process may know no such thing; they keep names as they see fit. */
const notKnown: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EISDIR']);

/** The names in a folder outlive a power failure: what was renamed into it, or made there. */
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

import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { type HeldFolder, holdFolder, type Making } from '../folders/held-folder.ts';

/**
 * Makes a folder under OUT, component by component, and holds it: symbolic links on the way are refused, because they
 * could lead out of the store, and those that come later lead nobody astray. To be released.
 */
export function makeSafeFolder(storePath: string, relative: string): Promise<HeldFolder> {
  // Once for a thousand files, which would be gone with it.
  return held(storePath, relative, 'synced');
}

/** Same without making anything: undefined where the folder is not there. */
export async function findSafeFolder(storePath: string, relative: string): Promise<HeldFolder | undefined> {
  try {
    return await held(storePath, relative);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function held(storePath: string, relative: string, making?: Making): Promise<HeldFolder> {
  try {
    return await holdFolder(storePath, relative, making);
  } catch (error) {
    if (errorCode(error) !== 'ENOTDIR') throw error;
    throw new StoreError(
      'unsafe-folder',
      `store [path=${storePath}/${relative}]: expected a folder, got a file on the way; remove it`,
      { cause: error },
    );
  }
}

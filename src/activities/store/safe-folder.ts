import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { syncFolder } from '../records/sync-folder.ts';

/**
 * Makes a folder under OUT, component by component, and refuses symbolic links on the way: they could lead out of the
 * store. Answers the absolute path.
 */
export async function makeSafeFolder(storePath: string, relative: string): Promise<string> {
  let path = storePath;
  for (const component of relative.split('/').filter((part) => part !== '' && part !== '.')) {
    path = join(path, component);
    await makeComponent(path);
  }
  return path;
}

async function makeComponent(path: string): Promise<void> {
  try {
    await mkdir(path);
    // Once for a thousand files, which would be gone with it.
    await syncFolder(dirname(path));
    return;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const kind = await lstat(path);
  if (kind.isDirectory()) return;
  throw new StoreError(
    'unsafe-folder',
    `store [path=${path}]: expected a folder, got ${kind.isSymbolicLink() ? 'a symbolic link' : 'a file'}; remove it, or mount the other disk there instead`,
  );
}

/** Same check without making anything: undefined where the folder is not there. */
export async function findSafeFolder(storePath: string, relative: string): Promise<string | undefined> {
  let path = storePath;
  for (const component of relative.split('/').filter((part) => part !== '' && part !== '.')) {
    path = join(path, component);
    try {
      if ((await lstat(path)).isDirectory()) continue;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    throw new StoreError('unsafe-folder', `store [path=${path}]: expected a folder, got something else`);
  }
  return path;
}

export function folderName(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

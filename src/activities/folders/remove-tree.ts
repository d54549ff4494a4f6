import { lstat, readdir, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { HeldFolder } from './held-folder.ts';
import { removeFile } from './remove-file.ts';

/** Folders of ours lie in each other no deeper than this; each of them is held while those below it are emptied. */
const MOST_LEVELS = 16;

/**
 * Removes what lies at a path, a folder with all that is in it. Each folder is held while it is emptied: `rm` with
 * `recursive` would go by paths, and into whatever is put in the place of one of them meanwhile. A link goes, and what it
 * leads to stays. Throws `unsafe-folder` for what is deeper than any of ours.
 */
export async function removeTree(path: string): Promise<void> {
  const parent = await holdParent(path);
  if (parent === undefined) return;
  try {
    await removeIn(parent, basename(path), MOST_LEVELS);
  } finally {
    await parent.release();
  }
}

async function holdParent(path: string): Promise<HeldFolder | undefined> {
  try {
    return await HeldFolder.root(dirname(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function removeIn(parent: HeldFolder, name: string, levels: number): Promise<void> {
  const path = `${parent.path}/${name}`;
  const info = await lstat(path).catch(() => undefined);
  if (!info?.isDirectory()) return removeFile(path);
  if (levels === 0) throw tooDeep(join(parent.name, name));
  let folder: HeldFolder;
  try {
    folder = await parent.below(name);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    // Something else came in its place: that one goes by its name.
    return removeFile(path);
  }
  try {
    for (const entry of await readdir(folder.path)) await removeIn(folder, entry, levels - 1);
  } finally {
    await folder.release();
  }
  try {
    await rmdir(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function tooDeep(path: string): StoreError {
  return new StoreError(
    'unsafe-folder',
    `store [path=${path}]: expected at most ${MOST_LEVELS} levels of folders, got more; remove them, no run of yours made them`,
  );
}

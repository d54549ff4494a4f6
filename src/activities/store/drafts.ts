import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { STATE_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { HOUR } from '../../domain/run/time-units.ts';
import { atFile, inFolderAt } from '../folders/held-folder.ts';
import { removeTree } from '../folders/remove-tree.ts';
import { lstatIfThere } from './file-info.ts';

/** What is written beside its place and renamed when it is whole: files, and the folders of slices and crops. */
const DRAFT = /^new-[0-9a-f]{12}$|\.[0-9a-f]{12,32}\.(new|copy)$/;

/** An owner's record that is looked at once more before it goes, or goes back: for a moment. */
const AWAY = /^owner\.json\.[0-9a-f]{12}\.away$/;

/**
 * Removes what was being written to the state folder when its writer was killed or the power failed. Only where nobody
 * writes any more: a run that has just claimed the folder, or is over. Whoever writes nevertheless, cut off from its
 * server, meets a name that is gone, and fails.
 */
export async function removeDrafts(storePath: string): Promise<void> {
  const manifests = join(storePath, statePaths.manifests);
  const perManifest = await foldersIn(manifests, /^[0-9a-f]{32}$/);
  const crops = await Promise.all(perManifest.map((folder) => foldersIn(folder, /^crops-[0-9a-f]{32}$/)));
  const runs = await foldersIn(join(storePath, statePaths.allFailures), /^[0-9a-f-]+$/);
  const hands = runs.map((run) => join(run, 'hands'));
  const state = [STATE_FOLDER, statePaths.index, statePaths.exclusions].map((name) => join(storePath, name));
  const folders = [...state, manifests, ...perManifest, ...crops.flat(), ...hands];
  for (const folder of folders) {
    for (const name of await namesIn(folder)) {
      const path = join(folder, name);
      if (DRAFT.test(name) || (AWAY.test(name) && (await isOld(path)))) await atFile(path, removeTree);
    }
  }
}

async function isOld(path: string): Promise<boolean> {
  const info = await atFile(path, lstatIfThere);
  return info !== undefined && Date.now() - Number(info.mtimeMs) > HOUR;
}

async function foldersIn(folder: string, name: RegExp): Promise<string[]> {
  return (await namesIn(folder)).filter((one) => name.test(one)).map((one) => join(folder, one));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await inFolderAt(folder, (held) => readdir(held));
  } catch (error) {
    // A link is no folder of ours.
    if (error instanceof StoreError) return [];
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
}

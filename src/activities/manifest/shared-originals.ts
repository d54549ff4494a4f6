import { folderOf, type ImageId } from '../../domain/dataset/ids.ts';
import { type ManifestCaches, makeManifestCaches } from '../records/line-cache.ts';
import type { Seal } from '../records/seal.ts';
import { cropsOf, readCropSummary } from './crop-files.ts';

/** Records by the path of their original, of originals that several faces are cut out of; over all folders. */
type SharedOriginals = ReadonlyMap<string, readonly ImageId[]>;

/**
 * One reading per process and set of crops: half a second for 70,000 faces.
 *
 * @param root of crop files that are whole
 */
export function sharedOriginals(caches: ManifestCaches, root: string): Promise<SharedOriginals> {
  return caches.shared.get(root, () => readShared(root, caches.seal));
}

async function readShared(root: string, seal: Seal): Promise<SharedOriginals> {
  // Not through the caches of bundles: each folder is wanted once.
  const once = makeManifestCaches(seal);
  const first = new Map<string, ImageId>();
  const shared = new Map<string, ImageId[]>();
  for (const { folder } of (await readCropSummary(root, seal))?.folders ?? []) {
    for (const { id, original } of (await cropsOf(once, root, folder)).values()) {
      const other = first.get(original.path);
      if (other === undefined) first.set(original.path, id);
      else shared.set(original.path, [...(shared.get(original.path) ?? [other]), id]);
    }
  }
  return shared;
}

/** The thousand-folders of records. */
export function foldersOf(ids: readonly ImageId[]): ReturnType<typeof folderOf>[] {
  return [...new Set(ids.map(folderOf))];
}

import { folderOf, type ImageId } from '../../domain/dataset/ids.ts';
import { LineCache, type ManifestCaches } from '../records/line-cache.ts';
import { cropsOf, readCropSummary } from './crop-files.ts';

/** Records by the path of their original, of originals that several faces are cut out of; over all folders. */
export type SharedOriginals = ReadonlyMap<string, readonly ImageId[]>;

/** One reading per process and set of crops: half a second for 70,000 faces. */
const known = new WeakMap<ManifestCaches['crops'], Map<string, Promise<SharedOriginals>>>();

/** @param root of crop files that are whole */
export function sharedOriginals(cache: ManifestCaches['crops'], root: string): Promise<SharedOriginals> {
  const ofCache = known.get(cache) ?? new Map<string, Promise<SharedOriginals>>();
  known.set(cache, ofCache);
  let shared = ofCache.get(root);
  if (shared === undefined) {
    shared = readShared(root);
    shared.catch(() => ofCache.delete(root));
    ofCache.set(root, shared);
  }
  return shared;
}

async function readShared(root: string): Promise<SharedOriginals> {
  // Not through the cache of bundles: each folder is wanted once.
  const once: ManifestCaches['crops'] = new LineCache(1, ({ id }) => id);
  const first = new Map<string, ImageId>();
  const shared = new Map<string, ImageId[]>();
  for (const { folder } of (await readCropSummary(root))?.folders ?? []) {
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

import { readdir } from 'node:fs/promises';
import type { Md5 } from '../../domain/dataset/ids.ts';
import {
  isReferencePartial,
  kindFolders,
  LICENSE_BESIDE,
  LICENSE_FILE,
} from '../../domain/dataset/layout.ts';
import { parsePartialName } from '../../domain/dataset/partial-name.ts';
import { largeFiles } from '../../domain/dataset/reference-files.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { imageKinds, kinds, type LargeFileKind } from '../../domain/kinds.ts';
import { inFolder } from '../folders/held-folder.ts';
import { slicesRoot } from '../manifest/manifest-folders.ts';
import { readSummary, sliceOf } from '../manifest/manifest-slices.ts';
import { type ManifestCaches, manifestLost } from '../records/line-cache.ts';

/** As many as a person can look at; the rest is counted. */
const SHOWN_FOREIGN = 1_000;

export interface ForeignFiles {
  readonly count: number;
  /** Relative to OUT, the first {@link SHOWN_FOREIGN}. */
  readonly first: readonly string[];
}

/**
 * Files in the dataset's folders that neither the manifest nor the reference's list names. Only looked at, never
 * touched. Partial files, ours and the reference's, are not foreign.
 */
export async function findForeign(
  storePath: string,
  md5: Md5,
  caches: ManifestCaches,
  onFolder: () => void,
): Promise<ForeignFiles> {
  const slices = slicesRoot(storePath);
  const summary = await readSummary(slices, md5);
  if (summary === undefined) throw manifestLost(slices, `no summary of ${md5}`);
  const first: string[] = [];
  let count = 0;
  const visit = async (folder: string, known: ReadonlySet<string>) => {
    onFolder();
    for (const path of await filesBelow(storePath, folder, known)) {
      count++;
      if (first.length < SHOWN_FOREIGN) first.push(path);
    }
  };
  for (const kind of imageKinds) {
    const known = new Set<string>(licences(kindFolders[kind]));
    for (const { folder } of summary.kinds[kind].folders) {
      const slice = await sliceOf(caches, slices, md5, kind, folder);
      for (const spec of slice.values()) known.add(spec.path);
    }
    // A manifest without this kind says nothing about its folder.
    if (known.size > licences('').length) await visit(kindFolders[kind], known);
  }
  for (const [kind, files] of Object.entries(largeFiles)) {
    const { folder } = kinds[kind as LargeFileKind];
    await visit(folder, new Set([...licences(folder), ...files.map(({ path }) => path)]));
  }
  return { count, first };
}

function licences(folder: string): string[] {
  return [`${folder}/${LICENSE_FILE}`, `${folder}/${LICENSE_BESIDE}`];
}

async function filesBelow(storePath: string, folder: string, known: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  let entries: Awaited<ReturnType<typeof list>>;
  try {
    entries = await inFolder(storePath, folder, list);
  } catch (error) {
    // What a link leads to is none of the dataset's.
    if (errorCode(error) === 'ENOENT' || error instanceof StoreError) return [];
    throw error;
  }
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(storePath, path, known)));
    else if (!known.has(path) && !parsePartialName(entry.name) && !isReferencePartial(entry.name))
      found.push(path);
  }
  return found;
}

function list(path: string) {
  return readdir(path, { withFileTypes: true });
}

import { opendir } from 'node:fs/promises';
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
import { type HeldFolder, holdFolder } from '../folders/held-folder.ts';
import { slicesRoot } from '../manifest/manifest-folders.ts';
import { readSummary, sliceOf } from '../manifest/manifest-slices.ts';
import { type ManifestCaches, manifestLost } from '../records/line-cache.ts';

/** As many as a person can look at; the rest is counted. */
const SHOWN_FOREIGN = 1_000;

export interface ForeignFiles {
  readonly count: number;
  /** Relative to OUT, the first {@link SHOWN_FOREIGN}. */
  readonly first: readonly string[];
  /** Folders that this program may not look into, the first {@link SHOWN_FOREIGN}; absent where there is none. */
  readonly closed?: readonly string[];
}

/**
 * Files in the dataset's folders that neither the manifest nor the reference's list names. Only looked at, never
 * touched. Partial files, ours and the reference's, are not foreign.
 */
export async function findForeign(
  storePath: string,
  md5: Md5,
  caches: ManifestCaches,
  onStep: () => void,
): Promise<ForeignFiles> {
  const slices = slicesRoot(storePath);
  const summary = await readSummary(slices, md5, caches.seal);
  if (summary === undefined) throw manifestLost(slices, `no summary of ${md5}`);
  const first: string[] = [];
  const closed: string[] = [];
  let count = 0;
  const visit = async (folder: string, known: ReadonlySet<string>) => {
    for await (const { path, isClosed } of filesBelow(storePath, folder, known, onStep)) {
      if (!isClosed) count++;
      const list = isClosed ? closed : first;
      if (list.length < SHOWN_FOREIGN) list.push(path);
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
  return { count, first, ...(closed.length > 0 ? { closed } : {}) };
}

function licences(folder: string): string[] {
  return [`${folder}/${LICENSE_FILE}`, `${folder}/${LICENSE_BESIDE}`];
}

/** The dataset has two; deeper ones are named, and not looked into. */
const MOST_LEVELS = 64;

/** Entries between two looks whether they are still wanted. */
const STEP = 1_000;

/**
 * Foreign files, and folders that are closed to us, such as a disk's own `lost+found`: nobody knows what lies in them. In
 * no memory but that of the folders still to be looked at: a folder may hold millions of files.
 */
async function* filesBelow(
  storePath: string,
  top: string,
  known: ReadonlySet<string>,
  onStep: () => void,
): AsyncGenerator<{ readonly path: string; readonly isClosed: boolean }> {
  const folders = [top];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    onStep();
    let held: HeldFolder | undefined;
    try {
      held = await holdFolder(storePath, folder);
      for await (const entry of await opendir(held.path)) {
        if (++seen % STEP === 0) onStep();
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory() && path.split('/').length > MOST_LEVELS) yield { path, isClosed: true };
        else if (entry.isDirectory()) folders.push(path);
        else if (!known.has(path) && !parsePartialName(entry.name) && !isReferencePartial(entry.name))
          yield { path, isClosed: false };
      }
    } catch (error) {
      // What a link leads to is none of the dataset's.
      if (error instanceof StoreError) continue;
      const code = errorCode(error);
      if (code === undefined || !NOT_LOOKED_INTO.has(code)) throw error;
      if (code !== 'ENOENT') yield { path: folder, isClosed: true };
    } finally {
      await held?.release();
    }
  }
}

/** Gone by now, closed to the worker, or nested deeper than paths reach. */
const NOT_LOOKED_INTO: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ENAMETOOLONG',
  'ELOOP',
]);

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { imageKinds } from '../../domain/dataset/file-spec.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import {
  isReferencePartial,
  kindFolders,
  LICENSE_FILE,
  parsePartialName,
  statePaths,
  TFRECORDS_FOLDER,
} from '../../domain/dataset/layout.ts';
import { tfrecordFiles } from '../../domain/dataset/reference-files.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { readSliceAt, readSummary } from '../manifest/manifest-slices.ts';

/** As many as a person can look at; the rest is counted. */
export const SHOWN_FOREIGN = 1_000;

export interface ForeignFiles {
  readonly count: number;
  /** Relative to OUT, the first {@link SHOWN_FOREIGN}. */
  readonly first: readonly string[];
}

/**
 * Files in the dataset's folders that neither the manifest nor the reference's list names. Only looked at, never
 * touched. Partial files, ours and the reference's, are not foreign.
 */
export async function findForeign(storePath: string, md5: Md5, onFolder: () => void): Promise<ForeignFiles> {
  const slices = join(storePath, statePaths.manifests);
  const summary = await readSummary(slices, md5);
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
    const known = new Set<string>([`${kindFolders[kind]}/${LICENSE_FILE}`]);
    for (const { folder } of summary?.kinds[kind].folders ?? []) {
      const slice = await readSliceAt(join(slices, md5, kind, `${folder}.jsonl`));
      for (const spec of slice.values()) known.add(spec.path);
    }
    // A manifest without this kind says nothing about its folder.
    if (known.size > 1) await visit(kindFolders[kind], known);
  }
  await visit(
    TFRECORDS_FOLDER,
    new Set([`${TFRECORDS_FOLDER}/${LICENSE_FILE}`, ...tfrecordFiles.map(({ path }) => path)]),
  );
  return { count, first };
}

async function filesBelow(storePath: string, folder: string, known: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  let entries: Awaited<ReturnType<typeof list>>;
  try {
    entries = await list(join(storePath, folder));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
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

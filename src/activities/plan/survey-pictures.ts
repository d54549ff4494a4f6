import { join } from 'node:path';
import type { ImageId } from '../../domain/dataset/ids.ts';
import type { ImageSpec } from '../../domain/dataset/manifest.ts';
import { findVouchingRecord } from '../../domain/verify/verification-record.ts';
import { sliceOf } from '../manifest/manifest-slices.ts';
import { readVerified } from '../records/verified-records.ts';
import { lstatIfThere, type Seen } from '../store/file-info.ts';
import { type FolderSurvey, surveyFolder } from '../store/partial-file.ts';
import { fileName, findSafeFolder, folderName } from '../store/safe-folder.ts';
import { counts, isSelected, type ShardSurvey, type SurveyQuestion } from './shard-survey.ts';

const nothing: ReadonlySet<ImageId> = new Set();

/**
 * Compares the pictures that a manifest names for a folder with what is there, by verification records: a file counts as
 * done when this project verified it and size and mtime are unchanged. `needless`: records whose file has served and may
 * be gone.
 */
export async function surveyPictures(
  question: SurveyQuestion,
  needless: ReadonlySet<ImageId> = nothing,
): Promise<ShardSurvey> {
  const { store, kind, folder: shard, md5, settled } = question;
  const all = await sliceOf(store.caches, store.slices, md5, kind, shard);
  const mayCount = isSelected(question);
  const slice = new Map([...all].filter(([id]) => mayCount(id)));
  const folders = await listFolders(store.path, slice.values());
  let bytes = 0;
  let doneFiles = 0;
  let doneBytes = 0;
  let presentBytes = 0;
  const unfinished: { id: ImageId; size: number }[] = [];

  const there = new Map<ImageId, Seen>();
  const named = [...slice].flatMap(([id, spec]) => {
    const folder = folders.get(folderName(spec.path));
    const name = fileName(spec.path);
    return folder?.names.has(name) ? [{ id, path: join(folder.path, name) }] : [];
  });
  const looks = store.looks.look(
    named.map(({ path }) => path),
    store.signal,
  );
  // The thread looks while this one parses.
  const [verified, infos] = await Promise.all([readVerified(store.path, kind, shard), looks]);
  for (const [nth, { id }] of named.entries()) {
    const info = infos[nth];
    if (info) there.set(id, info);
  }

  for (const [id, spec] of slice) {
    bytes += spec.size;
    const info = there.get(id);
    if (info === undefined && needless.has(id)) {
      doneFiles++;
      doneBytes += spec.size;
      presentBytes += spec.size;
      continue;
    }
    const record = info?.isFile ? findVouchingRecord(spec, verified.get(spec.path), info) : undefined;
    if (counts(record, question)) {
      doneFiles++;
      doneBytes += spec.size;
      presentBytes += spec.size;
      continue;
    }
    const folder = folders.get(folderName(spec.path));
    const present = info ? info.size : await partialBytes(folder, fileName(spec.path));
    presentBytes += Math.min(spec.size, present);
    if (!settled.has(id)) unfinished.push({ id, size: spec.size });
  }
  unfinished.sort((a, b) => a.id - b.id);
  return { files: slice.size, bytes, doneFiles, doneBytes, presentBytes, unfinished };
}

interface ListedFolder extends FolderSurvey {
  readonly path: string;
}

/** One listing per folder spares a look for each file that is not there. */
async function listFolders(
  storePath: string,
  specs: Iterable<ImageSpec>,
): Promise<ReadonlyMap<string, ListedFolder | undefined>> {
  const listed = new Map<string, ListedFolder | undefined>();
  for (const spec of specs) {
    const relative = folderName(spec.path);
    if (listed.has(relative)) continue;
    const path = await findSafeFolder(storePath, relative);
    listed.set(relative, path === undefined ? undefined : { path, ...(await surveyFolder(path)) });
  }
  return listed;
}

/** The largest partial file of a target: what a download can go on from. */
async function partialBytes(folder: ListedFolder | undefined, target: string): Promise<number> {
  let most = 0;
  for (const name of folder?.partials.get(target) ?? []) {
    const info = await lstatIfThere(join(folder?.path ?? '', name));
    most = Math.max(most, Number(info?.size ?? 0));
  }
  return most;
}

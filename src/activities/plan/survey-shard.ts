import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { ImageKind } from '../../domain/dataset/file-spec.ts';
import type { Folder, ImageId, Md5 } from '../../domain/dataset/ids.ts';
import type { ImageSpec } from '../../domain/dataset/manifest.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { findVouchingRecord } from '../../domain/verify/verification-record.ts';
import { readSliceAt } from '../manifest/manifest-slices.ts';
import { lstatIfThere, lstatMany, onDisk } from '../store/file-info.ts';
import { type FolderSurvey, surveyFolder } from '../store/partial-file.ts';
import { fileName, findSafeFolder, folderName } from '../store/safe-folder.ts';
import { readVerified } from '../store/verified-records.ts';

export interface ShardSurvey {
  readonly files: number;
  readonly bytes: number;
  readonly doneFiles: number;
  readonly doneBytes: number;
  /** Bytes that are on the disk already: of done files, of files to be verified, of partial files. */
  readonly presentBytes: number;
  readonly unfinished: readonly { readonly id: ImageId; readonly size: number }[];
}

export interface SurveyRule {
  readonly trust: RunRequest['trust'];
  readonly run: string;
  readonly settled: ReadonlySet<ImageId>;
  readonly isSelected: (id: ImageId) => boolean;
  /** Records whose original has served and may be gone. */
  readonly needless?: ReadonlySet<ImageId>;
}

/**
 * Compares what a shard should hold with what is there, by verification records: a file counts as done when this
 * project verified it and size and mtime are unchanged. Under `contents` only `run`'s own records count.
 */
export async function surveyShard(
  store: { readonly path: string; readonly slices: string },
  shard: { readonly kind: ImageKind; readonly folder: Folder; readonly md5: Md5 },
  rule: SurveyRule,
): Promise<ShardSurvey> {
  const all = await readSliceAt(join(store.slices, shard.md5, shard.kind, `${shard.folder}.jsonl`));
  const slice = new Map([...all].filter(([id]) => rule.isSelected(id)));
  const verified = await readVerified(store.path, shard.kind, shard.folder);
  const folders = await listFolders(store.path, slice.values());
  let bytes = 0;
  let doneFiles = 0;
  let doneBytes = 0;
  let presentBytes = 0;
  const unfinished: { id: ImageId; size: number }[] = [];

  const there = new Map<ImageId, BigIntStats>();
  const named = [...slice].flatMap(([id, spec]) => {
    const folder = folders.get(folderName(spec.path));
    const name = fileName(spec.path);
    return folder?.names.has(name) ? [{ id, path: join(folder.path, name) }] : [];
  });
  const infos = await lstatMany(named.map(({ path }) => path));
  for (const [nth, { id }] of named.entries()) {
    const info = infos[nth];
    if (info) there.set(id, info);
  }

  for (const [id, spec] of slice) {
    bytes += spec.size;
    const info = there.get(id);
    if (info === undefined && rule.needless?.has(id)) {
      doneFiles++;
      doneBytes += spec.size;
      presentBytes += spec.size;
      continue;
    }
    const record = info?.isFile()
      ? findVouchingRecord(spec, verified.get(spec.path), onDisk(info))
      : undefined;
    if (record && (rule.trust === 'records' || record.run === rule.run)) {
      doneFiles++;
      doneBytes += spec.size;
      presentBytes += spec.size;
      continue;
    }
    const folder = folders.get(folderName(spec.path));
    const present = info ? Number(info.size) : await partialBytes(folder, fileName(spec.path));
    presentBytes += Math.min(spec.size, present);
    if (!rule.settled.has(id)) unfinished.push({ id, size: spec.size });
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

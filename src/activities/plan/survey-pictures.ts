import { asAccepted } from '../../domain/dataset/file-spec.ts';
import type { ImageId, Md5 } from '../../domain/dataset/ids.ts';
import type { ImageSpec } from '../../domain/dataset/manifest.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import type { BundledFile } from '../../domain/run/plan.ts';
import { addSwept, type Swept } from '../../domain/run/progress.ts';
import { isKept, mustBeKept } from '../../domain/verify/passing-file.ts';
import {
  discardOf,
  findVouchingRecord,
  type VerificationRecord,
} from '../../domain/verify/verification-record.ts';
import { type Slice, sliceOf } from '../manifest/manifest-slices.ts';
import {
  inListedFolders,
  type ListedFolder,
  type ListedFolders,
  listedPath,
  partialsOf,
} from '../partials/folder-survey.ts';
import { largestPartial, sweepBeside } from '../partials/left-partials.ts';
import type { Seen } from '../store/file-info.ts';
import {
  counts,
  isCopied,
  isSelected,
  mayBeRight,
  type ShardSurvey,
  type SurveyQuestion,
} from './shard-survey.ts';

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
  const { store, kind, folder: shard, md5 } = question;
  const all = await sliceOf(store.caches, store.slices, md5, kind, shard);
  const mayCount = isSelected(question);
  const wanted = [...all].filter(([id]) => mayCount(id));
  const slice = new Map(wanted.map(([id, spec]) => [id, asAccepted(spec, question.request)]));
  const files = Array.from(slice.values(), ({ path }) => path);
  return inListedFolders(store.path, files, (folders) => surveyIn(question, needless, slice, folders));
}

async function surveyIn(
  { store, kind, folder: shard, request, settled, run }: SurveyQuestion,
  needless: ReadonlySet<ImageId>,
  slice: Slice,
  folders: ListedFolders,
): Promise<ShardSurvey> {
  let bytes = 0;
  let doneFiles = 0;
  let acceptedFiles = 0;
  let doneBytes = 0;
  let presentBytes = 0;
  let swept: Swept | undefined;
  const unfinished: BundledFile[] = [];
  const there: Md5[] = [];
  const tellsBytes = isCopied({ kind, request });

  const seen = new Map<ImageId, Seen>();
  const named = [...slice].flatMap(([id, spec]) => {
    const path = listedPath(folders, spec.path);
    return path === undefined ? [] : [{ id, path }];
  });
  const looks = store.looks.look(
    named.map(({ path }) => path),
    store.signal,
  );
  // The thread looks while this one parses.
  const [verified, infos] = await Promise.all([store.verified.read(store.path, kind, shard), looks]);
  for (const [nth, { id }] of named.entries()) {
    const info = infos[nth];
    if (info) seen.set(id, info);
  }

  // What was not fetched to go is missed by whoever looks at everything, also where its picture is there.
  const isMissed = (spec: ImageSpec) => request.trust === 'contents' && isKept(verified.get(spec.path));
  // Whoever looks without knowing how the faces were aligned takes the folder's word for what was removed on purpose.
  const isDiscarded = (spec: ImageSpec) =>
    request.trust === 'contents' &&
    request.align === undefined &&
    discardOf(verified.get(spec.path)) !== undefined;

  for (const [id, spec] of slice) {
    bytes += spec.size;
    const info = seen.get(id);
    if (info === undefined && ((needless.has(id) && !isMissed(spec)) || isDiscarded(spec))) {
      swept = addSwept(swept, await sweepBeside(folders, spec.path, store.sweeper));
      doneFiles++;
      doneBytes += spec.size;
      presentBytes += spec.size;
      continue;
    }
    const record = info?.isFile ? findVouchingRecord(spec, verified.get(spec.path), info) : undefined;
    if (record && counts(record, { request, run }) && !mustBeKept(record, request)) {
      swept = addSwept(swept, await sweepBeside(folders, spec.path, store.sweeper));
      doneFiles++;
      if (record.accepted !== undefined) acceptedFiles++;
      else if (tellsBytes) there.push(spec.md5);
      doneBytes += spec.size;
      presentBytes += spec.size;
      continue;
    }
    const folder = folders.get(folderName(spec.path));
    presentBytes += folder === undefined ? 0 : await usableBytes(spec, info, verified.get(spec.path), folder);
    if (settled.has(id)) continue;
    unfinished.push({ id, size: spec.size, ...(tellsBytes ? { md5: spec.md5 } : {}) });
  }
  unfinished.sort((a, b) => a.id - b.id);
  const done = { doneFiles, acceptedFiles, doneBytes };
  return { files: slice.size, bytes, ...done, presentBytes, unfinished, there, swept };
}

/** Of a file that is not done: what need not be written again. */
async function usableBytes(
  { path, size }: ImageSpec,
  info: Seen | undefined,
  records: readonly VerificationRecord[] | undefined,
  folder: ListedFolder,
): Promise<number> {
  if (mayBeRight(size, info, records)) return size;
  return largestPartial(folder.path, partialsOf(folder, fileName(path)), size);
}

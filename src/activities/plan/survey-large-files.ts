import { askedFiles } from '../../domain/dataset/asked-files.ts';
import { NO_FOLDER } from '../../domain/dataset/layout.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import type { LargeFileSpec } from '../../domain/dataset/reference-files.ts';
import type { LargeFileKind } from '../../domain/kinds.ts';
import { addSwept, emptyTally, swept, type Tally } from '../../domain/run/progress.ts';
import { parseRecords, rangesToMend } from '../../domain/tfrecord/damage.ts';
import {
  findVouchingRecord,
  knownOf,
  type VerificationRecord,
} from '../../domain/verify/verification-record.ts';
import { inListedFolders, type ListedFolders, listedPath, partialsOf } from '../partials/folder-survey.ts';
import { largestPartial, sweepBeside } from '../partials/left-partials.ts';
import { lstatIfThere, onDisk, seenAs } from '../store/file-info.ts';
import {
  counts,
  mayBeRight,
  type SurveyedKind,
  type SurveyedStore,
  type SurveyQuestion,
} from './shard-survey.ts';

/** Compares the large files of a kind with what is there: the files, and what attempts left of them, dead or living. */
export async function surveyLargeFiles(
  store: Pick<SurveyedStore, 'path' | 'verified' | 'sweeper'>,
  kind: LargeFileKind,
  question: Pick<SurveyQuestion, 'request' | 'run'>,
): Promise<SurveyedKind> {
  const paths = askedFiles(kind, question.request).map(({ path }) => path);
  return inListedFolders(store.path, paths, (folders) => surveyIn(store, kind, question, folders));
}

async function surveyIn(
  store: Pick<SurveyedStore, 'path' | 'verified' | 'sweeper'>,
  kind: LargeFileKind,
  question: Pick<SurveyQuestion, 'request' | 'run'>,
  folders: ListedFolders,
): Promise<SurveyedKind> {
  const all = askedFiles(kind, question.request);
  const verified = await store.verified.read(store.path, kind, NO_FOLDER);
  const unfinished: LargeFileSpec[] = [];
  let tally: Tally = { ...emptyTally, files: all.length };
  let neededBytes = 0;
  let unreadBytes = 0;
  for (const file of all) {
    const path = listedPath(folders, file.path);
    const info = path === undefined ? undefined : await lstatIfThere(path);
    const record = info && findVouchingRecord(file, verified.get(file.path), onDisk(info));
    const isDone = counts(record, question);
    tally = { ...tally, bytes: tally.bytes + file.size };
    if (isDone) {
      tally = { ...tally, doneFiles: tally.doneFiles + 1, doneBytes: tally.doneBytes + file.size };
      const gone = await sweepBeside(folders, file.path, store.sweeper);
      tally = { ...tally, ...swept(addSwept(tally.swept, gone)) };
      continue;
    }
    // It would bring the pictures of all records, also of those that the folder lets go.
    if (question.request.letsGo !== undefined) {
      tally = { ...tally, files: tally.files - 1, bytes: tally.bytes - file.size };
      continue;
    }
    unfinished.push(file);
    if (mayBeRight(file.size, info && seenAs(info), verified.get(file.path))) {
      unreadBytes += file.size;
      continue;
    }
    if (info && isMended(file, knownOf(verified.get(file.path), onDisk(info)))) continue;
    const folder = folders.get(folderName(file.path));
    const names = folder ? partialsOf(folder, fileName(file.path)) : [];
    const begun = folder ? await largestPartial(folder.path, names, file.size) : 0;
    neededBytes += file.size - begun;
    unreadBytes += begun;
  }
  return { tally, shards: [], largeFiles: unfinished, neededBytes, unreadBytes };
}

/** Are single records fetched into what lies there? Then nothing needs room beside it. */
function isMended(file: LargeFileSpec, known: VerificationRecord | undefined): boolean {
  return known?.how === 'damaged' && rangesToMend(file, parseRecords(known.records)) !== undefined;
}

import { join } from 'node:path';
import { type FileKind, type ShardKind, taskKinds } from '../../domain/dataset/file-spec.ts';
import type { Folder, Md5 } from '../../domain/dataset/ids.ts';
import { NO_FOLDER, RELEASED_PARTIAL } from '../../domain/dataset/layout.ts';
import { tfrecordFiles } from '../../domain/dataset/reference-files.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import { ORIGINALS_AHEAD } from '../../domain/run/plan.ts';
import { emptyTally, identical, type Tally } from '../../domain/run/progress.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { ArchiveSpec, ManifestSummary, RunContext, RunPlan, ShardTotals } from '../../domain/run/run.ts';
import { findVouchingRecord } from '../../domain/verify/verification-record.ts';
import { enterStore } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { BundleProgress } from '../heartbeat.ts';
import { readSummary, type SliceSummary } from '../manifest/manifest-slices.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import { freeBytes } from '../store/free-space.ts';
import { readVerified } from '../store/verified-records.ts';
import { alignFolders, type SurveyedStore, storeFor, surveyAny } from './survey-any.ts';

export interface SurveyedRun {
  readonly plan: RunPlan;
  /** Bytes to be written beyond what is on the disk. */
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** Compares a whole run's files with the disk, and its need with the free space; too little is final. */
export function makePlanRun(dependencies: ActivityDependencies) {
  return async function planRun(
    input: RunContext & { readonly manifest: ManifestSummary },
  ): Promise<RunPlan> {
    const progress = BundleProgress.begin();
    try {
      progress.say('comparing the folder with the manifest');
      const path = await enterStore(dependencies, input);
      const store = storeFor(path, input.request, input.manifest.md5);
      const surveyed = await surveyRun(store, input.request, input.manifest.md5, input.run, () =>
        progress.signal.throwIfAborted(),
      );
      if (input.request.fetch === 'missing')
        refuseTooLittleSpace(path, surveyed, dependencies.space.reserveBytes);
      return surveyed.plan;
    } finally {
      progress.end();
    }
  };
}

export function refuseTooLittleSpace(path: string, surveyed: SurveyedRun, reserveBytes: number): void {
  const { neededBytes, freeBytes: free } = surveyed;
  if (neededBytes === 0 || neededBytes + reserveBytes <= free) return;
  throw new StoreError(
    'too-little-space',
    `store [path=${path}]: expected ${neededBytes} bytes free beside the reserve of ${reserveBytes} (--reserve), got ${free}`,
  );
}

/** The planner, for the Activity and for `--dry-run` alike. */
export async function surveyRun(
  store: SurveyedStore,
  request: RunRequest,
  md5: Md5,
  run: string,
  onShard: () => void,
): Promise<SurveyedRun> {
  const summary = await readSummary(store.slices, md5);
  if (summary === undefined) throw new Error(`slices [md5=${md5}]: expected a summary, got none`);
  const kinds: Partial<Record<FileKind, Tally>> = {};
  const shards: ShardTotals[] = [];
  const archives: ArchiveSpec[] = [];
  let neededBytes = 0;
  for (const kind of taskKinds) {
    if (!request.kinds.includes(kind)) continue;
    const part =
      kind === 'tfrecords'
        ? await surveyArchives(store.path, request, run)
        : await surveyKind(store, kind, summary, request, run, onShard);
    kinds[kind] = part.tally;
    shards.push(...part.shards);
    archives.push(...part.archives);
    neededBytes += part.neededBytes;
  }
  if (request.align?.discardOriginals) shards.sort((a, b) => a.folder.localeCompare(b.folder));
  return { plan: { shards, kinds, archives }, neededBytes, freeBytes: await freeBytes(store.path) };
}

interface SurveyedKind {
  readonly tally: Tally;
  readonly shards: readonly ShardTotals[];
  readonly archives: readonly ArchiveSpec[];
  readonly neededBytes: number;
}

async function surveyKind(
  store: SurveyedStore,
  kind: ShardKind,
  summary: SliceSummary,
  request: RunRequest,
  run: string,
  onShard: () => void,
): Promise<SurveyedKind> {
  const shards: ShardTotals[] = [];
  const needs: number[] = [];
  let tally = emptyTally;
  for (const folder of await foldersOf(store, kind, summary)) {
    onShard();
    const shard = { kind, folder, md5: summary.md5 };
    const seen = await surveyAny(store, shard, request, { run, settled: new Set() });
    const { files, bytes, doneFiles, doneBytes, identicalFiles = 0 } = seen;
    if (files === 0) continue;
    tally = {
      ...tally,
      ...identical((tally.identicalFiles ?? 0) + identicalFiles),
      files: tally.files + files,
      bytes: tally.bytes + bytes,
      doneFiles: tally.doneFiles + doneFiles,
      doneBytes: tally.doneBytes + doneBytes,
    };
    needs.push(bytes - seen.presentBytes);
    if (seen.unfinished.length === 0) continue;
    shards.push({ kind, folder, files, bytes, doneFiles, doneBytes, ...identical(identicalFiles) });
  }
  return { tally, shards, archives: [], neededBytes: spaceFor(kind, request, needs) };
}

async function foldersOf(
  store: SurveyedStore,
  kind: ShardKind,
  summary: SliceSummary,
): Promise<readonly Folder[]> {
  const folders = kind === 'align' ? await alignFolders(store) : summary.kinds[kind].folders;
  return folders.map(({ folder }) => folder);
}

/** Originals that are removed once they have served are never there all at once. */
function spaceFor(kind: ShardKind, request: RunRequest, needs: readonly number[]): number {
  const parts =
    kind === 'wilds' && request.align?.discardOriginals
      ? needs.toSorted((a, b) => b - a).slice(0, ORIGINALS_AHEAD)
      : needs;
  return parts.reduce((sum, bytes) => sum + bytes, 0);
}

async function surveyArchives(storePath: string, request: RunRequest, run: string): Promise<SurveyedKind> {
  const verified = await readVerified(storePath, 'tfrecords', NO_FOLDER);
  const archives: ArchiveSpec[] = [];
  let tally: Tally = { ...emptyTally, files: tfrecordFiles.length };
  let neededBytes = 0;
  for (const file of tfrecordFiles) {
    const info = await lstatIfThere(join(storePath, file.path));
    const record = info && findVouchingRecord(file, verified.get(file.path), onDisk(info));
    const isDone = record !== undefined && (request.trust === 'records' || record.run === run);
    tally = {
      ...tally,
      bytes: tally.bytes + file.size,
      doneFiles: tally.doneFiles + (isDone ? 1 : 0),
      doneBytes: tally.doneBytes + (isDone ? file.size : 0),
    };
    if (isDone) continue;
    archives.push(file);
    const partial = info ?? (await lstatIfThere(join(storePath, `${file.path}${RELEASED_PARTIAL}`)));
    neededBytes += Math.max(0, file.size - Number(partial?.size ?? 0));
  }
  return { tally, shards: [], archives, neededBytes };
}

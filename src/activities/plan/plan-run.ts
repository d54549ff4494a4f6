import { join } from 'node:path';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { NO_FOLDER, RELEASED_PARTIAL } from '../../domain/dataset/layout.ts';
import { type LargeFileSpec, largeFiles } from '../../domain/dataset/reference-files.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import {
  type FileKind,
  isNeededBy,
  isShardKind,
  type LargeFileKind,
  type ShardKind,
  taskKinds,
} from '../../domain/kinds.ts';
import type { ManifestInput, RunPlan } from '../../domain/run/activity-inputs.ts';
import { ORIGINALS_AHEAD } from '../../domain/run/plan.ts';
import { emptyTally, identical, type Tally } from '../../domain/run/progress.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { ShardTotals } from '../../domain/run/workflow-inputs.ts';
import { findVouchingRecord } from '../../domain/verify/verification-record.ts';
import type { ActivityScope } from '../activity.ts';
import { readSummary, type SliceSummary } from '../manifest/manifest-slices.ts';
import { readVerified } from '../records/verified-records.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';
import { freeBytes } from '../store/free-space.ts';
import { counts, type SurveyedStore, storeFor } from './shard-survey.ts';
import { surveyors } from './surveyors.ts';

export interface SurveyedRun {
  readonly plan: RunPlan;
  /** Bytes to be written beyond what is on the disk. */
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** Compares a whole run's files with the disk, and its need with the free space; too little is final. */
export async function planRun(
  { storePath, heartbeat, dependencies }: ActivityScope,
  { request, manifest, run }: ManifestInput,
): Promise<RunPlan> {
  heartbeat.say('comparing the folder with the manifest');
  const store = storeFor(storePath, request, manifest.md5, dependencies);
  const surveyed = await surveyRun(store, request, manifest.md5, run, () =>
    heartbeat.signal.throwIfAborted(),
  );
  if (request.fetch === 'missing') refuseTooLittleSpace(storePath, surveyed, dependencies.space.reserveBytes);
  return surveyed.plan;
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
  const tallies: Partial<Record<FileKind, Tally>> = {};
  const shards: ShardTotals[] = [];
  const unfinished: LargeFileSpec[] = [];
  let neededBytes = 0;
  for (const kind of taskKinds) {
    if (!request.kinds.includes(kind)) continue;
    const part = isShardKind(kind)
      ? await surveyShards(store, kind, summary, request, run, onShard)
      : await surveyLargeFiles(store.path, kind, request, run);
    tallies[kind] = part.tally;
    shards.push(...part.shards);
    unfinished.push(...part.largeFiles);
    neededBytes += part.neededBytes;
  }
  if (request.align?.discardOriginals) shards.sort((a, b) => a.folder.localeCompare(b.folder));
  const plan: RunPlan = { shards, kinds: tallies, largeFiles: unfinished };
  return { plan, neededBytes, freeBytes: await freeBytes(store.path) };
}

interface SurveyedKind {
  readonly tally: Tally;
  readonly shards: readonly ShardTotals[];
  readonly largeFiles: readonly LargeFileSpec[];
  readonly neededBytes: number;
}

async function surveyShards(
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
  for (const folder of await surveyors[kind].folders(store, summary)) {
    onShard();
    const { md5 } = summary;
    const seen = await surveyors[kind].survey({ store, kind, folder, md5, request, run, settled: new Set() });
    const { files, bytes, doneFiles, doneBytes, identicalFiles = 0, holdsOriginals } = seen;
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
    shards.push({
      ...{ kind, folder, files, bytes, doneFiles, doneBytes },
      ...identical(identicalFiles),
      ...(holdsOriginals ? { holdsOriginals } : {}),
    });
  }
  return { tally, shards, largeFiles: [], neededBytes: spaceFor(kind, request, needs) };
}

/** Originals that are removed once they have served are never there all at once, however many folders wait. */
function spaceFor(kind: ShardKind, request: RunRequest, needs: readonly number[]): number {
  const parts =
    request.align?.discardOriginals && isNeededBy(kind, request.kinds)
      ? needs.toSorted((a, b) => b - a).slice(0, ORIGINALS_AHEAD)
      : needs;
  return parts.reduce((sum, bytes) => sum + bytes, 0);
}

async function surveyLargeFiles(
  storePath: string,
  kind: LargeFileKind,
  request: RunRequest,
  run: string,
): Promise<SurveyedKind> {
  const all = largeFiles[kind];
  const verified = await readVerified(storePath, kind, NO_FOLDER);
  const unfinished: LargeFileSpec[] = [];
  let tally: Tally = { ...emptyTally, files: all.length };
  let neededBytes = 0;
  for (const file of all) {
    const info = await lstatIfThere(join(storePath, file.path));
    const record = info && findVouchingRecord(file, verified.get(file.path), onDisk(info));
    const isDone = counts(record, { request, run });
    tally = {
      ...tally,
      bytes: tally.bytes + file.size,
      doneFiles: tally.doneFiles + (isDone ? 1 : 0),
      doneBytes: tally.doneBytes + (isDone ? file.size : 0),
    };
    if (isDone) continue;
    unfinished.push(file);
    const partial = info ?? (await lstatIfThere(join(storePath, `${file.path}${RELEASED_PARTIAL}`)));
    neededBytes += Math.max(0, file.size - Number(partial?.size ?? 0));
  }
  return { tally, shards: [], largeFiles: unfinished, neededBytes };
}

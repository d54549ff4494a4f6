import { join } from 'node:path';
import { type FileKind, type ImageKind, taskKinds } from '../domain/file-spec.ts';
import type { Md5 } from '../domain/ids.ts';
import { NO_FOLDER, RELEASED_PARTIAL, statePaths } from '../domain/layout.ts';
import { emptyTally, type Tally } from '../domain/progress.ts';
import { tfrecordFiles } from '../domain/reference-files.ts';
import type { RunRequest } from '../domain/request.ts';
import type { ArchiveSpec, ManifestSummary, RunContext, RunPlan, ShardTotals } from '../domain/run.ts';
import { StoreError } from '../domain/store-failure.ts';
import { isVouchedFor } from '../domain/verify.ts';
import { BundleProgress } from './bundle-progress.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { enterStore } from './run-activity.ts';
import { lstatIfThere, onDisk } from './store/file-info.ts';
import { freeBytes } from './store/free-space.ts';
import { readSummary, type SliceSummary } from './store/manifest-slices.ts';
import { readVerified } from './store/verified-records.ts';
import { surveyShard } from './survey-shard.ts';

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
      const store = { path, slices: join(path, statePaths.manifests) };
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

/** The planner, for the Activity and for `--dry-run` alike. `slices`: the folder that holds `<md5>/`. */
export async function surveyRun(
  store: { readonly path: string; readonly slices: string },
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
  return { plan: { shards, kinds, archives }, neededBytes, freeBytes: await freeBytes(store.path) };
}

interface SurveyedKind {
  readonly tally: Tally;
  readonly shards: readonly ShardTotals[];
  readonly archives: readonly ArchiveSpec[];
  readonly neededBytes: number;
}

async function surveyKind(
  store: { readonly path: string; readonly slices: string },
  kind: ImageKind,
  summary: SliceSummary,
  request: RunRequest,
  run: string,
  onShard: () => void,
): Promise<SurveyedKind> {
  const shards: ShardTotals[] = [];
  let tally = emptyTally;
  let neededBytes = 0;
  for (const { folder } of summary.kinds[kind].folders) {
    onShard();
    const shard = { kind, folder, md5: summary.md5 };
    const seen = await surveyShard(store, shard, { trust: request.trust, run, settled: new Set() });
    const { files, bytes, doneFiles, doneBytes } = seen;
    tally = {
      ...tally,
      files: tally.files + files,
      bytes: tally.bytes + bytes,
      doneFiles: tally.doneFiles + doneFiles,
      doneBytes: tally.doneBytes + doneBytes,
    };
    neededBytes += bytes - seen.presentBytes;
    if (seen.unfinished.length > 0) shards.push({ kind, folder, files, bytes, doneFiles, doneBytes });
  }
  return { tally, shards, archives: [], neededBytes };
}

async function surveyArchives(storePath: string, request: RunRequest, run: string): Promise<SurveyedKind> {
  const verified = await readVerified(storePath, 'tfrecords', NO_FOLDER);
  const archives: ArchiveSpec[] = [];
  let tally: Tally = { ...emptyTally, files: tfrecordFiles.length };
  let neededBytes = 0;
  for (const file of tfrecordFiles) {
    const info = await lstatIfThere(join(storePath, file.path));
    const record = info && isVouchedFor(file, verified.get(file.path), onDisk(info));
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

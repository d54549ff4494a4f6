import type { Md5 } from '../../domain/dataset/ids.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { type LargeFileRef, refTo } from '../../domain/dataset/reference-files.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import { type FileKind, isNeededBy, isShardKind, type ShardKind, taskKinds } from '../../domain/kinds.ts';
import type { Copies } from '../../domain/planning/figures.ts';
import type { ManifestInput, RunPlan } from '../../domain/run/activity-inputs.ts';
import { type BundledFile, ORIGINALS_AHEAD } from '../../domain/run/plan.ts';
import { accepted, addSwept, emptyTally, identical, swept, type Tally } from '../../domain/run/progress.ts';
import { askedIds, type RequestHere } from '../../domain/run/request.ts';
import type { ShardTotals } from '../../domain/run/workflow-inputs.ts';
import type { ActivityScope } from '../activity.ts';
import { readSummary, type SliceSummary } from '../manifest/manifest-slices.ts';
import { manifestLost } from '../records/line-cache.ts';
import { requestHere } from '../selection/request-here.ts';
import { freeBytes } from '../store/free-space.ts';
import { type SurveyedKind, type SurveyedStore, storeFor } from './shard-survey.ts';
import { surveyLargeFiles } from './survey-large-files.ts';
import { surveyors } from './surveyors.ts';

export interface SurveyedRun {
  readonly plan: RunPlan;
  /** Bytes to be written beyond what is on the disk. */
  readonly neededBytes: number;
  /** Bytes on the disk that no record vouches for, of whole files and of parts: they are read before anything is fetched. */
  readonly unreadBytes: number;
  readonly freeBytes: number;
  /** Files that are not asked for: they are copied of others with the same bytes. */
  readonly copies: Copies;
}

/** Compares a whole run's files with the disk, and its need with the free space; too little is final. */
export async function planRun(
  scope: ActivityScope,
  { request: asked, manifest, run }: ManifestInput,
): Promise<RunPlan> {
  const { storePath, heartbeat, dependencies } = scope;
  const request = await requestHere(scope, asked, manifest.md5);
  heartbeat.say('comparing the folder with the manifest');
  const store = storeFor(scope, request, manifest.md5);
  const surveyed = await surveyRun(store, request, manifest.md5, run);
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
  request: RequestHere,
  md5: Md5,
  run: string,
): Promise<SurveyedRun> {
  const summary = await readSummary(store.slices, md5, store.caches.seal);
  if (summary === undefined) throw manifestLost(store.slices, `no summary of ${md5}`);
  const tallies: Partial<Record<FileKind, Tally>> = {};
  const shards: ShardTotals[] = [];
  const unfinished: LargeFileRef[] = [];
  let neededBytes = 0;
  let unreadBytes = 0;
  let copies: Copies = { files: 0, bytes: 0 };
  for (const kind of taskKinds) {
    if (!request.kinds.includes(kind)) continue;
    const part = isShardKind(kind)
      ? await surveyShards(store, kind, summary, request, run)
      : await surveyLargeFiles(store, kind, { request, run });
    tallies[kind] = part.tally;
    shards.push(...part.shards);
    unfinished.push(...part.largeFiles.map(refTo));
    neededBytes += part.neededBytes;
    unreadBytes += part.unreadBytes;
    const { files = 0, bytes = 0 } = part.copies ?? {};
    copies = { files: copies.files + files, bytes: copies.bytes + bytes };
  }
  refuseUnknownIds(request, tallies);
  if (request.align?.discardOriginals) shards.sort((a, b) => a.folder.localeCompare(b.folder));
  const plan: RunPlan = { shards, kinds: tallies, largeFiles: unfinished };
  return { plan, neededBytes, unreadBytes, freeBytes: await freeBytes(store.path), copies };
}

/** Whoever asks for records by number wants to be told that there are none of them. */
function refuseUnknownIds(request: RequestHere, tallies: Readonly<Partial<Record<FileKind, Tally>>>): void {
  const asked = request.kinds.filter(isShardKind);
  // An empty selection was refused where it was made.
  if (request.ids === undefined || request.selection !== undefined || asked.length === 0) return;
  // They may be among those that the folder lets go.
  if (request.letsGo !== undefined) return;
  if (asked.some((kind) => (tallies[kind]?.files ?? 0) > 0)) return;
  throw new ManifestError(
    `ids [${request.ids.slice(0, 80)}]: expected records that the manifest has, got none of them`,
  );
}

async function surveyShards(
  store: SurveyedStore,
  kind: ShardKind,
  summary: SliceSummary,
  request: RequestHere,
  run: string,
): Promise<SurveyedKind> {
  const shards: ShardTotals[] = [];
  const needs: number[] = [];
  let unreadBytes = 0;
  let tally = emptyTally;
  const known = new Set<Md5>();
  const missing: BundledFile[] = [];
  for (const { folder, files: named } of await surveyors[kind].folders(store, summary)) {
    store.signal.throwIfAborted();
    const { md5 } = summary;
    const seen = await surveyors[kind].survey({ store, kind, folder, md5, request, run, settled: new Set() });
    const {
      files,
      bytes,
      doneFiles,
      doneBytes,
      identicalFiles = 0,
      acceptedFiles = 0,
      holdsOriginals,
    } = seen;
    // No file leaves a run unseen: what is planned is what the manifest was found to hold.
    if (askedIds(request, kind) === undefined && files !== named)
      throw manifestLost(store.slices, `${files} of ${named} ${kind} in ${folder}`);
    if (files === 0) continue;
    for (const digest of seen.there ?? []) known.add(digest);
    missing.push(...seen.unfinished.filter((file) => file.md5 !== undefined));
    tally = {
      ...tally,
      ...swept(addSwept(tally.swept, seen.swept)),
      ...identical((tally.identicalFiles ?? 0) + identicalFiles),
      ...accepted((tally.acceptedFiles ?? 0) + acceptedFiles),
      files: tally.files + files,
      bytes: tally.bytes + bytes,
      doneFiles: tally.doneFiles + doneFiles,
      doneBytes: tally.doneBytes + doneBytes,
    };
    needs.push(bytes - seen.presentBytes);
    unreadBytes += Math.max(0, seen.presentBytes - doneBytes);
    if (seen.unfinished.length === 0 && (seen.lookFirst ?? []).length === 0) continue;
    shards.push({
      ...{ kind, folder, files, bytes, doneFiles, doneBytes },
      ...identical(identicalFiles),
      ...accepted(acceptedFiles),
      ...(holdsOriginals ? { holdsOriginals } : {}),
    });
  }
  const neededBytes = spaceFor(kind, request, needs);
  const copies = copiesIn(missing, known);
  return { tally, shards, largeFiles: [], unreadBytes, neededBytes, copies };
}

/** Those whose bytes are there under another name, or come before. */
function copiesIn(missing: readonly BundledFile[], there: ReadonlySet<Md5>): Copies {
  const known = new Set(there);
  let [files, bytes] = [0, 0];
  for (const { md5, size } of missing) {
    if (md5 === undefined) continue;
    if (known.has(md5)) [files, bytes] = [files + 1, bytes + size];
    known.add(md5);
  }
  return { files, bytes };
}

/** Originals that are removed once they have served are never there all at once, however many folders wait. */
function spaceFor(kind: ShardKind, request: RequestHere, needs: readonly number[]): number {
  const parts =
    request.align?.discardOriginals && isNeededBy(kind, request.kinds)
      ? needs.toSorted((a, b) => b - a).slice(0, ORIGINALS_AHEAD)
      : needs;
  return parts.reduce((sum, bytes) => sum + bytes, 0);
}

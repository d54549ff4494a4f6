import { adviceForType, type FailureReason } from '../domain/failure/reasons.ts';
import type { FileKind } from '../domain/kinds.ts';
import { fileKinds } from '../domain/kinds.ts';
import type { RunLimits } from '../domain/limits/limits.ts';
import { type Slowdown, slowdownOf } from '../domain/limits/slowdown.ts';
import type { SourceBearing, Stage, Tally, Wait } from '../domain/run/progress.ts';
import { accepted, addTallies, emptyTally, identical } from '../domain/run/progress.ts';
import { shareDone } from '../domain/words/tally.ts';
import type { ChildSnapshot, FailingTask, PendingActivity, RunSnapshot } from '../runs/run-snapshot.ts';
import { type GivingSource, givingSources } from './sources-of-run.ts';

/** One kind's line. */
export interface KindView {
  readonly kind: FileKind;
  readonly files: number;
  readonly doneFiles: number;
  readonly failedFiles: number;
  readonly deferredFiles: number;
  readonly bytes: number;
  readonly doneBytes: number;
  /** 0 to 1, of bytes where sizes are known. */
  readonly share: number;
  /** Over the rolling window; undefined until two samples differ in time. */
  readonly filesPerSecond: number | undefined;
  readonly bytesPerSecond: number | undefined;
  readonly etaSeconds: number | undefined;
  readonly inFlight: number;
}

/** Activities between attempts, put together when they wait for the same reason. */
export interface RetryView {
  readonly type: string;
  readonly count: number;
  readonly attempt: number;
  readonly failure: string;
  /** What a person can do about it. */
  readonly advice: string | undefined;
  readonly nextAttemptAt: number | undefined;
}

export interface FailureView {
  readonly kind: FileKind;
  readonly reason: FailureReason;
  readonly count: number;
  readonly first: readonly string[];
}

/** Everything that a display shows; without a clock of its own. */
export interface ProgressView {
  readonly workflowId: string;
  readonly stage: Stage | undefined;
  readonly paused: boolean;
  readonly kinds: readonly KindView[];
  readonly waits: readonly Wait[];
  readonly retries: readonly RetryView[];
  readonly failures: readonly FailureView[];
  readonly failingTask: FailingTask | undefined;
  readonly workerPolls: boolean | undefined;
  readonly stale: string | undefined;
  /** What the run's own Activities are at, such as reading the manifest. */
  readonly busyWith: readonly string[];
  /** What keeps it from being faster. */
  readonly slowedBy: Slowdown | undefined;
  /** What it may fetch. */
  readonly limits: RunLimits;
  /** What workers ask of the hosts that the files come from. */
  readonly sources: readonly SourceView[];
  /** Of several sources, what each gave, and which is not asked at present. */
  readonly giving: readonly GivingSource[];
}

/** One host, as one worker asks it. */
export interface SourceView extends SourceBearing {
  /** Its identity. */
  readonly worker: string;
}

interface Sample {
  readonly at: number;
  readonly files: number;
  readonly bytes: number;
}

/** What is remembered between two snapshots: the rolling window of each kind, and the most that it had. */
export interface ProgressModel {
  readonly window: number;
  readonly samples: Readonly<Partial<Record<FileKind, readonly Sample[]>>>;
  readonly most: Readonly<Partial<Record<FileKind, Sample>>>;
}

/**
 * A bundle that has just closed has no heartbeat any more, and its folder is asked only every few seconds: until then
 * its files are missing from the figures, which would go backwards. What is really less is shown after this time.
 */
const HOLD_MS = 6_000;

export function emptyProgressModel(window: number): ProgressModel {
  return { window, samples: {}, most: {} };
}

/** The next state and what to show. */
export function advance(
  model: ProgressModel,
  snapshot: RunSnapshot,
): { readonly model: ProgressModel; readonly view: ProgressView } {
  const tallies = liveTallies(snapshot);
  const moving = snapshot.progress?.stage === 'fetch' && !snapshot.progress.paused;
  const samples: Partial<Record<FileKind, readonly Sample[]>> = {};
  const most: Partial<Record<FileKind, Sample>> = {};
  const kinds: KindView[] = [];
  for (const kind of fileKinds) {
    const counted = tallies[kind];
    if (counted === undefined) continue;
    const before = model.most[kind];
    const tally = held(counted, before, snapshot);
    most[kind] = before && isHeld(counted, tally) ? before : sampleOf(counted, snapshot.takenAt);
    // A pause, or a plan not yet made, would count as slowness.
    const kept = moving ? [...(model.samples[kind] ?? []), sampleOf(tally, snapshot.takenAt)] : [];
    samples[kind] = kept.slice(-model.window);
    kinds.push(kindView(kind, tally, samples[kind] ?? [], inFlightOf(snapshot.children, kind)));
  }
  return { model: { ...model, samples, most }, view: viewOf(snapshot, tallies, kinds) };
}

/**
 * Where every kind stands now. The run learns of its children by a few signals and when they close; what the open
 * ones did since is asked of themselves, and what their pending bundles did since of the heartbeats.
 */
export function liveTallies(snapshot: RunSnapshot): Partial<Record<FileKind, Tally>> {
  const tallies: Partial<Record<FileKind, Tally>> = { ...snapshot.progress?.kinds };
  for (const child of snapshot.children) {
    // Without the run's own figures a total is not known, and a part of it would look like the whole.
    if (child.kind === undefined || tallies[child.kind] === undefined) continue;
    const own = child.progress?.tally;
    const counted = snapshot.progress?.counted?.[child.workflowId] ?? emptyTally;
    // Before its plan a child knows of no files, not even of those that are there.
    const since = own === undefined || own.files === 0 ? emptyTally : sinceCounted(own, counted);
    const live = child.activities.reduce(
      (sum, { heartbeat }) => (heartbeat === undefined ? sum : addTallies(sum, heartbeatTally(heartbeat))),
      since,
    );
    tallies[child.kind] = capped(addTallies(tallies[child.kind] ?? emptyTally, live));
  }
  return tallies;
}

function sinceCounted(now: Tally, before: Tally): Tally {
  // By name: what objects inherit is no reason, whoever answers.
  const had = new Map(Object.entries(before.failures));
  const failures = Object.fromEntries(
    Object.entries(now.failures).flatMap(([reason, { count, first }]) => {
      const known = had.get(reason) ?? { count: 0, first: [] };
      const more = { count: count - known.count, first: first.filter((key) => !known.first.includes(key)) };
      return more.count > 0 ? [[reason, more]] : [];
    }),
  );
  return {
    ...identical((now.identicalFiles ?? 0) - (before.identicalFiles ?? 0)),
    ...accepted((now.acceptedFiles ?? 0) - (before.acceptedFiles ?? 0)),
    files: 0,
    bytes: 0,
    doneFiles: now.doneFiles - before.doneFiles,
    doneBytes: now.doneBytes - before.doneBytes,
    fetchedFiles: now.fetchedFiles - before.fetchedFiles,
    fetchedBytes: now.fetchedBytes - before.fetchedBytes,
    failedFiles: now.failedFiles - before.failedFiles,
    deferredFiles: now.deferredFiles - before.deferredFiles,
    failures,
    ...sourcesSince(now.sources, before.sources),
  };
}

function sourcesSince(now: Tally['sources'] = {}, before: Tally['sources'] = {}): Pick<Tally, 'sources'> {
  const had = new Map(Object.entries(before));
  const since = Object.entries(now).map(([source, { files, bytes }]) => {
    const known = had.get(source) ?? { files: 0, bytes: 0 };
    return [source, { files: Math.max(0, files - known.files), bytes: Math.max(0, bytes - known.bytes) }];
  });
  return since.length === 0 ? {} : { sources: Object.fromEntries(since) };
}

function heartbeatTally(heartbeat: { filesDone: number; bytesDone: number; failed: number }): Tally {
  return {
    ...emptyTally,
    doneFiles: heartbeat.filesDone,
    doneBytes: heartbeat.bytesDone,
    failedFiles: heartbeat.failed,
  };
}

/** A bundle that closed between two questions is counted twice for a moment; never more than there is. */
function capped(tally: Tally): Tally {
  return {
    ...tally,
    doneFiles: Math.min(tally.doneFiles, Math.max(0, tally.files - tally.failedFiles)),
    doneBytes: Math.min(tally.doneBytes, tally.bytes),
  };
}

/** Not less than a moment ago; without a worker nobody could tell anything new. */
function held(tally: Tally, most: Sample | undefined, snapshot: RunSnapshot): Tally {
  const { status, takenAt, workerPolls } = snapshot;
  const isOver = workerPolls !== false && takenAt - (most?.at ?? 0) > HOLD_MS;
  if (most === undefined || status !== 'running' || isOver) return tally;
  const doneFiles = Math.max(tally.doneFiles, most.files);
  return capped({ ...tally, doneFiles, doneBytes: Math.max(tally.doneBytes, most.bytes) });
}

function isHeld(counted: Tally, shown: Tally): boolean {
  return counted.doneFiles < shown.doneFiles || counted.doneBytes < shown.doneBytes;
}

function sampleOf(tally: Tally, at: number): Sample {
  return { at, files: tally.doneFiles, bytes: tally.doneBytes };
}

function kindView(kind: FileKind, tally: Tally, samples: readonly Sample[], inFlight: number): KindView {
  const first = samples[0];
  const last = samples.at(-1);
  const seconds = first && last ? (last.at - first.at) / 1000 : 0;
  const rate = (from: number, to: number) => (seconds > 0 ? Math.max(0, to - from) / seconds : undefined);
  const filesPerSecond = first && last ? rate(first.files, last.files) : undefined;
  const bytesPerSecond = first && last ? rate(first.bytes, last.bytes) : undefined;
  const filesLeft = Math.max(0, tally.files - tally.doneFiles - tally.failedFiles);
  const byBytes = tally.bytes > 0;
  const left = byBytes ? Math.max(0, tally.bytes - tally.doneBytes) : filesLeft;
  const speed = byBytes ? bytesPerSecond : filesPerSecond;
  const settled = tally.doneFiles + tally.failedFiles;
  const isOver = settled >= tally.files;
  return {
    kind,
    files: tally.files,
    doneFiles: tally.doneFiles,
    failedFiles: tally.failedFiles,
    deferredFiles: tally.deferredFiles,
    bytes: tally.bytes,
    doneBytes: tally.doneBytes,
    share: shareDone(tally),
    filesPerSecond,
    bytesPerSecond,
    etaSeconds: isOver ? 0 : speed !== undefined && speed > 0 ? left / speed : undefined,
    inFlight,
  };
}

function inFlightOf(children: readonly ChildSnapshot[], kind: FileKind): number {
  let inFlight = 0;
  for (const child of children) {
    if (child.kind !== kind) continue;
    for (const { state, heartbeat } of child.activities) {
      if (state === 'started') inFlight += heartbeat?.current.length ?? 0;
    }
  }
  return inFlight;
}

function viewOf(
  snapshot: RunSnapshot,
  tallies: Partial<Record<FileKind, Tally>>,
  kinds: readonly KindView[],
): ProgressView {
  const { progress, limits } = snapshot;
  const waits = distinctWaits([
    ...(progress?.waits ?? []),
    ...snapshot.children.flatMap((child) => child.progress?.waits ?? []),
  ]);
  const activities = [...snapshot.activities, ...snapshot.children.flatMap((child) => child.activities)];
  return {
    workflowId: snapshot.workflowId,
    stage: progress?.stage,
    paused: progress?.paused ?? false,
    kinds,
    waits,
    retries: retriesOf(activities),
    failures: failuresOf(tallies),
    failingTask: snapshot.failingTask,
    workerPolls: snapshot.workerPolls,
    // Without a worker nobody can answer, which is said already.
    stale: snapshot.workerPolls === false ? undefined : snapshot.stale,
    busyWith: snapshot.activities.map(({ type, heartbeat }) =>
      heartbeat?.note === undefined ? type : `${type}: ${heartbeat.note}`,
    ),
    slowedBy: snapshot.status === 'running' ? slowdownIn(snapshot, waits, activities) : undefined,
    limits,
    sources: sourcesOf(activities),
    giving: givingSources(tallies, activities),
  };
}

function slowdownIn(
  { progress, workerPolls }: RunSnapshot,
  waits: readonly Wait[],
  activities: readonly PendingActivity[],
): Slowdown | undefined {
  // Before the plan, and behind the last file, there is nothing to be slow at.
  if (progress !== undefined && progress.stage !== 'fetch')
    return workerPolls === false ? 'waiting' : undefined;
  const started = activities.filter(({ state }) => state === 'started');
  return slowdownOf({
    ...{ paused: progress?.paused ?? false, workerPolls, waits: waits.length },
    inHand: started.map(({ heartbeat }) => heartbeat?.slow),
    retrying: activities.filter(({ state, lastFailure }) => state === 'waiting' && lastFailure).length,
  });
}

/** Each worker tells of a host in all of its Activities. */
function sourcesOf(activities: readonly PendingActivity[]): SourceView[] {
  const seen = new Map<string, SourceView>();
  for (const { state, heartbeat, worker = '' } of activities) {
    if (state !== 'started') continue;
    for (const { host, inFlight, most } of heartbeat?.sources ?? [])
      seen.set(`${worker}\n${host}`, { host, inFlight, most, worker });
  }
  return [...seen.values()];
}

function distinctWaits(waits: readonly Wait[]): Wait[] {
  const seen = new Map<string, Wait>();
  for (const wait of waits) seen.set(`${wait.what}\n${wait.reason}`, wait);
  return [...seen.values()];
}

function retriesOf(activities: readonly PendingActivity[]): RetryView[] {
  const byReason = new Map<string, RetryView>();
  for (const { type, state, attempt, lastFailure, nextAttemptAt } of activities) {
    if (state !== 'waiting' || lastFailure === undefined) continue;
    const key = `${type}\n${lastFailure}`;
    const had = byReason.get(key);
    const times = [had?.nextAttemptAt, nextAttemptAt].filter((time) => time !== undefined);
    byReason.set(key, {
      type,
      count: (had?.count ?? 0) + 1,
      attempt: Math.max(had?.attempt ?? 0, attempt),
      failure: lastFailure,
      // `Type: message`.
      advice: adviceForType(lastFailure.split(':', 1)[0] ?? ''),
      nextAttemptAt: times.length > 0 ? Math.min(...times) : undefined,
    });
  }
  return [...byReason.values()];
}

function failuresOf(tallies: Partial<Record<FileKind, Tally>>): FailureView[] {
  const views: FailureView[] = [];
  for (const kind of fileKinds) {
    for (const [reason, { count, first }] of Object.entries(tallies[kind]?.failures ?? {})) {
      if (count > 0) views.push({ kind, reason: reason as FailureReason, count, first });
    }
  }
  return views;
}

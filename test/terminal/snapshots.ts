import type { FileKind } from '../../src/domain/kinds.ts';
import type { ActivityProgress, RunProgress, Tally } from '../../src/domain/run/progress.ts';
import { emptyTally } from '../../src/domain/run/progress.ts';
import type { ChildSnapshot, PendingActivity, RunSnapshot } from '../../src/runs/run-snapshot.ts';

export function tally(part: Partial<Tally>): Tally {
  return { ...emptyTally, ...part };
}

export function runProgress(part: Partial<RunProgress>): RunProgress {
  return {
    stage: 'fetch',
    paused: false,
    at: '2026-01-01T00:00:00.000Z',
    kinds: {},
    waits: [],
    children: [],
    ...part,
  };
}

export function snapshot(part: Partial<RunSnapshot>): RunSnapshot {
  return {
    takenAt: 0,
    workflowId: 'ffhq-faces-12345678',
    runId: 'run',
    status: 'running',
    taskQueue: 'ffhq',
    startedAt: new Date('2026-01-01T00:00:00.000Z'),
    progress: runProgress({}),
    stale: undefined,
    children: [],
    activities: [],
    workerPolls: true,
    failingTask: undefined,
    limits: {},
    ...part,
  };
}

export function activity(part: Partial<PendingActivity>): PendingActivity {
  return {
    type: 'fetchBundle',
    attempt: 1,
    state: 'started',
    nextAttemptAt: undefined,
    lastFailure: undefined,
    heartbeat: undefined,
    worker: undefined,
    ...part,
  };
}

export function heartbeat(part: Partial<ActivityProgress>): ActivityProgress {
  return { files: 0, filesDone: 0, bytes: 0, bytesDone: 0, failed: 0, current: [], attempts: {}, ...part };
}

export function child(
  kind: FileKind,
  own: Tally | undefined,
  activities: PendingActivity[] = [],
): ChildSnapshot {
  return {
    workflowId: `ffhq-faces-12345678/${kind}/00000`,
    kind,
    progress:
      own === undefined
        ? undefined
        : { kind, name: '00000', paused: false, at: '2026-01-01T00:00:00.000Z', tally: own, waits: [] },
    activities,
    failingTask: undefined,
  };
}

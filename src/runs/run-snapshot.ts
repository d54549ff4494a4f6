import type { PurgeResult } from '../domain/exclusion/purge.ts';
import type { FileKind } from '../domain/kinds.ts';
import type { RunLimits } from '../domain/limits/limits.ts';
import type { ActivityProgress, ChildProgress, RunProgress } from '../domain/run/progress.ts';
import type { RunResult } from '../domain/run/workflow-inputs.ts';

/** What one look at a run on its server showed. */
export interface RunSnapshot {
  /** Milliseconds of a steady clock, for rates. */
  readonly takenAt: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly status: RunExecutionStatus;
  readonly taskQueue: string;
  readonly startedAt: Date;
  /** The run's own answer; the last known one while nobody can answer. */
  readonly progress: RunProgress | undefined;
  /** Why `progress` is not of now. */
  readonly stale: string | undefined;
  readonly children: readonly ChildSnapshot[];
  /** The run's own pending Activities: manifest, plan, report. */
  readonly activities: readonly PendingActivity[];
  /** False: no worker asks for work on the run's Task Queue. */
  readonly workerPolls: boolean | undefined;
  readonly failingTask: FailingTask | undefined;
  /** What it may fetch. */
  readonly limits: RunLimits;
}

export type RunExecutionStatus =
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'terminated'
  | 'timed out';

/** A workflow whose Workflow Tasks fail again and again: it looks alive and does not move. */
export interface FailingTask {
  readonly workflowId: string;
  readonly attempt: number;
  readonly cause: string;
}

export interface ChildSnapshot {
  readonly workflowId: string;
  /** From its Workflow Id, `<run>/<kind>/<name>`. */
  readonly kind: FileKind | undefined;
  /** As of the child's last finished bundle. */
  readonly progress: ChildProgress | undefined;
  readonly activities: readonly PendingActivity[];
  readonly failingTask: FailingTask | undefined;
}

export interface PendingActivity {
  readonly type: string;
  readonly attempt: number;
  /** `waiting`: between two attempts, or not yet taken by a worker. */
  readonly state: 'started' | 'waiting' | 'cancelling';
  /** Milliseconds since the epoch, when an attempt is yet to come. */
  readonly nextAttemptAt: number | undefined;
  readonly lastFailure: string | undefined;
  readonly heartbeat: ActivityProgress | undefined;
  /** Identity of the worker that has it, or had it last. */
  readonly worker: string | undefined;
}

/** How a closed run ended. */
export type RunEnd =
  | { readonly status: 'completed'; readonly result: RunResult }
  | { readonly status: 'purged'; readonly result: PurgeResult }
  | { readonly status: 'failed'; readonly type: string | undefined; readonly message: string }
  | { readonly status: 'cancelled' }
  | { readonly status: 'terminated'; readonly message: string }
  | { readonly status: 'timed out' };

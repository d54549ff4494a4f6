import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { GateKey } from '../../domain/failure/source-gate.ts';
import {
  type GateState,
  gateSignals,
  PROBE_NOW,
  type Refusal,
  type Waiter,
} from '../../domain/gate/source-gate.ts';
import type { TaskKind } from '../../domain/kinds.ts';
import type { LimitChanges, RunLimits } from '../../domain/limits/limits.ts';
import {
  CHILD_WAITS,
  type ChildProgress,
  type RunProgress,
  type Tally,
  type Wait,
} from '../../domain/run/progress.ts';
import type { Hurried } from '../../domain/waits/hurried.ts';

/** Parks the run: files in flight are kept as partial files, no slot is held. Rejected when already paused or ended. */
export const pauseUpdate = defineUpdate<string>('pause');

/** Goes on. Rejected when not paused. */
export const resumeUpdate = defineUpdate<string>('resume');

/** Ends waits for a quota and at a closed source at once; answers how many. Rejected when nothing waits there. */
export const retryNowUpdate = defineUpdate<string>('retryNow');
/** Of a run: what it may fetch, over all its workers, from now on. Answers what holds. Rejected when about to end. */
export const setLimitsUpdate = defineUpdate<RunLimits, [LimitChanges]>('setLimits');

/** Of a run. */
export const progressQuery = defineQuery<RunProgress>('progress');

/** Of a shard or a large file. */
export const childProgressQuery = defineQuery<ChildProgress>('childProgress');

/** Parent to children: the run's pause, as a state. */
export const setPausedSignal = defineSignal<[paused: boolean]>('setPaused');

/** Run to its large files: stop in good order and answer what the next Run of the chain goes on with. */
export const handOverSignal = defineSignal('handOver');

/** Run to children: what waits for a quota is asked for again now. */
export const retryNowSignal = defineSignal<[{ readonly question: number }]>('retryNow');

/** Child to parent, the answer to that: what came of it. */
export const waitsEndedSignal =
  defineSignal<[{ readonly child: string; readonly question: number } & Hurried]>('waitsEnded');

/** Child to parent, a bounded number of times: where it stands. */
export const shardProgressSignal =
  defineSignal<[{ readonly kind: TaskKind; readonly name: string; readonly tally: Tally }]>('shardProgress');

/** Worker to gate, signed: its source refused, and not a file alone. */
export const refusedSignal = defineSignal<[Refusal]>(gateSignals.refused);

/** Worker to gate, signed: who waits there and wants to be told when it moves. */
export const waitsAtGateSignal = defineSignal<[Waiter]>(gateSignals.waits);

/** Gate to whoever waits: it opened, or has another time. */
export const gateMovedSignal = defineSignal<[GateKey]>('gateMoved');

/**
 * Child to run, signed: what it waits for, at a gate or for a quota; without `wait`: it does no longer. `at` (ms since the
 * epoch, by the child's clock) grows with each that a child sends.
 */
export const childWaitsSignal =
  defineSignal<[{ readonly name: string; readonly at: number; readonly wait?: Wait }]>(CHILD_WAITS);

/** Of a gate. */
export const gateQuery = defineQuery<GateState>('gate');

/** Of a gate: probes now. Answers what came of it; rejected while it is open, is being probed, or was a moment ago. */
export const probeNowUpdate = defineUpdate<string>(PROBE_NOW);

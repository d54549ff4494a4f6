import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { TaskKind } from '../domain/dataset/file-spec.ts';
import type { ChildProgress, RunProgress, Tally } from '../domain/run/progress.ts';

/** Parks the run: files in flight are kept as partial files, no slot is held. Rejected when already paused or ended. */
export const pause = defineUpdate<string>('pause');

/** Goes on. Rejected when not paused. */
export const resume = defineUpdate<string>('resume');

export const progress = defineQuery<RunProgress>('progress');

export const childProgress = defineQuery<ChildProgress>('progress');

/** Parent to children: the run's pause, as a state. */
export const setPaused = defineSignal<[paused: boolean]>('setPaused');

/** Child to parent, a bounded number of times: where it stands. */
export const shardProgress =
  defineSignal<[{ readonly kind: TaskKind; readonly name: string; readonly tally: Tally }]>('shardProgress');

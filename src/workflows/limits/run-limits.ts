import { ApplicationFailure, upsertMemo, workflowInfo } from '@temporalio/workflow';
import {
  changed,
  type KeptLimits,
  type LimitChanges,
  type RunLimits,
  readChanges,
  readKeptLimits,
} from '../../domain/limits/limits.ts';

/*
 * A run's limits are kept in its memo, and nowhere else: workers and clients read them there, also while nobody can answer
 * for the run. The workflow only changes them, because it alone can.
 */

/** Throws what an Update is refused with. */
export function refuseChanges(changes: unknown): void {
  const known = readChanges(changes);
  if (known === undefined || Object.keys(known).length === 0)
    throw ApplicationFailure.nonRetryable(
      'expected limits that this version knows, got others',
      'Input.Limits',
    );
}

/** What holds from now on. */
export function changeLimits(changes: LimitChanges): RunLimits {
  const { asked, now }: KeptLimits = readKeptLimits(workflowInfo().memo?.limits);
  const kept: KeptLimits = { asked, now: changed(now, readChanges(changes) ?? {}) };
  upsertMemo({ limits: kept });
  return kept.now;
}

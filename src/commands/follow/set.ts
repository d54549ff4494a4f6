import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { limitsText, type RunLimits } from '../../domain/limits/limits.ts';
import type { Verb } from '../context/context.ts';
import { readLimitChanges } from '../flags/worker-flags.ts';
import { updateRun } from './update-run.ts';
import { withRun } from './with-run.ts';

/** `ffhq set`: changes what a running run may fetch; its workers hold to it within seconds. */
export const set: Verb = async (context, values, words) => {
  const changes = readLimitChanges(values);
  if (Object.keys(changes).length === 0) {
    throw refused('set: expected at least one of --bwlimit, --tpslimit, --num_threads, got none');
  }
  return withRun(context, values, words, 'refuse', async (hand) => {
    const limits = await updateRun<RunLimits>(context, hand, 'set', { update: 'setLimits', arg: changes });
    const { workflowId, display } = hand;
    const text = limitsText(limits, Date.now()) || 'no limits';
    display.say({ event: 'status', set: true, workflowId, limits }, `${workflowId}: ${text}`);
    return exitCodes.complete;
  });
};

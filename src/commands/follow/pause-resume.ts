import { exitCodes } from '../../domain/failure/exit-code.ts';
import type { Verb } from '../context/context.ts';
import { updateRun } from './update-run.ts';
import { withRun } from './with-run.ts';

/** `ffhq pause`: pauses the run; files in flight stay as partial files. */
export const pause: Verb = (...verb) => change('pause', ...verb);

/** `ffhq resume`: lets a paused run go on. */
export const resume: Verb = (...verb) => change('resume', ...verb);

/** `ffhq retry-now`: what waits for a quota is asked for again at once. */
export const retryNow: Verb = (...verb) => change('retryNow', ...verb);

/** By the name of its Update. */
const verbs = { pause: 'pause', resume: 'resume', retryNow: 'retry-now' } as const;

function change(update: keyof typeof verbs, ...[context, values, words]: Parameters<Verb>): ReturnType<Verb> {
  return withRun(context, values, words, 'refuse', async (hand) => {
    const answer = await updateRun<string>(context, hand, verbs[update], { update });
    const { workflowId, display } = hand;
    display.say({ event: 'status', [update]: true, workflowId, answer }, `${workflowId}: ${answer}`);
    return exitCodes.complete;
  });
}

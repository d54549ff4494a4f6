import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { CommandFailure, refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { someWorkerPolls } from '../../runs/worker-polls.ts';
import type { Verb } from '../context/context.ts';
import { withRun } from './with-run.ts';

/** `ffhq pause`: pauses the run; files in flight stay as partial files. */
export const pause: Verb = (...verb) => updateRun('pause', ...verb);

/** `ffhq resume`: lets a paused run go on. */
export const resume: Verb = (...verb) => updateRun('resume', ...verb);

/** `ffhq retry-now`: what waits for a quota is asked for again at once. */
export const retryNow: Verb = (...verb) => updateRun('retryNow', ...verb);

/** By the name of its Update. */
const verbs = { pause: 'pause', resume: 'resume', retryNow: 'retry-now' } as const;

const ANSWER_MS = 20_000;

function updateRun(
  update: keyof typeof verbs,
  ...[context, values, words]: Parameters<Verb>
): ReturnType<Verb> {
  return withRun(context, values, words, 'refuse', async ({ workflowId, run, session, display }) => {
    const { client, connection } = session.connected;
    const what = `${verbs[update]} [run=${workflowId}]`;
    if (!run.isOpen) throw refused(`${what}: expected an open run, got a closed one`);
    // An Update is answered by a worker; without one it would hang.
    if (!(await someWorkerPolls(client, run.taskQueue))) {
      throw new CommandFailure(
        `${what}: expected a worker on Task Queue ${run.taskQueue}, got none, so the run does not move ` +
          `anyway; start one with \`${context.spoken('worker')}\` and try again`,
        exitCodes.refusedInput,
      );
    }
    try {
      const answer = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
        client.workflow.getHandle(workflowId).executeUpdate<string, []>(update),
      );
      display.say({ event: 'status', [update]: true, workflowId, answer }, `${workflowId}: ${answer}`);
      return exitCodes.complete;
    } catch (error) {
      throw asUpdateFailure(error, what, context.spoken('status'));
    }
  });
}

function asUpdateFailure(error: unknown, what: string, look: string): unknown {
  if (error instanceof WorkflowUpdateFailedError) {
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    return refused(`${what}: rejected: ${reason}`);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return new CommandFailure(
      `${what}: expected an answer within ${ANSWER_MS / 1000} s, got none; see \`${look}\``,
      exitCodes.internalError,
    );
  }
  return error;
}

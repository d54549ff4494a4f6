import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { CommandFailure, refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { requireRun } from '../../runs/require-run.ts';
import { someWorkerPolls } from '../../runs/worker-polls.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { openSession } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { whichRun } from './which-run.ts';

/** `ffhq pause`: pauses the run; files in flight stay as partial files. */
export const pause: Verb = (...verb) => updateRun('pause', ...verb);

/** `ffhq resume`: lets a paused run go on. */
export const resume: Verb = (...verb) => updateRun('resume', ...verb);

const ANSWER_MS = 20_000;

async function updateRun(update: 'pause' | 'resume', ...verb: Parameters<Verb>): ReturnType<Verb> {
  const [context, values, words] = verb;
  const display = displayFor(context, values);
  const { workflowId } = await whichRun(context, values, words);
  const session = await openSession(context, readConnectionFlags(values), display, {
    without: 'refuse',
    quiet: true,
  });
  try {
    const { client, connection } = session.connected;
    const { isOpen, taskQueue } = await requireRun(client, workflowId, context.spoken);
    if (!isOpen) throw refused(`${update} [run=${workflowId}]: expected an open run, got a closed one`);
    // An Update is answered by a worker; without one it would hang.
    if (!(await someWorkerPolls(client, taskQueue))) {
      throw new CommandFailure(
        `${update} [run=${workflowId}]: expected a worker on Task Queue ${taskQueue}, got none, so the run does not move ` +
          `anyway; start one with \`${context.spoken('worker')}\` and try again`,
        exitCodes.refusedInput,
      );
    }
    const answer = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflow.getHandle(workflowId).executeUpdate<string, []>(update),
    );
    display.say({ event: 'status', [update]: true, workflowId, answer }, `${workflowId}: ${answer}`);
    return exitCodes.complete;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      const reason = error.cause instanceof Error ? error.cause.message : error.message;
      throw refused(`${update} [run=${workflowId}]: rejected: ${reason}`);
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      throw new CommandFailure(
        `${update} [run=${workflowId}]: expected an answer within ${ANSWER_MS / 1000} s, got none; see \`${context.spoken('status')}\``,
        exitCodes.internalError,
      );
    }
    throw error;
  } finally {
    await session.close();
  }
}

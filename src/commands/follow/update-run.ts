import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { CommandFailure, refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { someWorkerPolls } from '../../runs/worker-polls.ts';
import type { CommandContext } from '../context/context.ts';
import type { RunInHand } from './with-run.ts';

const ANSWER_MS = 20_000;

/**
 * Sends an Update to an open run and answers what the run said.
 *
 * @param verb as refusals name it
 * @throws CommandFailure where the run is closed, no worker could answer for it, it refuses, or nobody answers in time
 */
export async function updateRun<Answer>(
  context: CommandContext,
  { workflowId, run, session }: RunInHand,
  verb: string,
  { update, arg }: { readonly update: string; readonly arg?: object },
): Promise<Answer> {
  const { client, connection } = session.connected;
  if (!run.isOpen) throw refused(`${verb} [run=${workflowId}]: expected an open run, got a closed one`);
  // An Update is answered by a worker; without one it would hang.
  if (!(await someWorkerPolls(client, run.taskQueue))) {
    throw new CommandFailure(
      `${verb} [run=${workflowId}]: expected a worker on Task Queue ${run.taskQueue}, got none, so the run does not move ` +
        `anyway; start one with \`${context.spoken('worker')}\` and try again`,
      exitCodes.refusedInput,
    );
  }
  try {
    const handle = client.workflow.getHandle(workflowId);
    return await connection.withDeadline(Date.now() + ANSWER_MS, () =>
      arg === undefined
        ? handle.executeUpdate<Answer, []>(update)
        : handle.executeUpdate<Answer, [object]>(update, { args: [arg] }),
    );
  } catch (error) {
    throw asUpdateFailure(error, `${verb} [run=${workflowId}]`, context.spoken('status'));
  }
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

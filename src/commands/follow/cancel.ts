import type { Client } from '@temporalio/client';
import { CommandFailure, refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { requireRun } from '../../runs/require-run.ts';
import { terminateRun } from '../../runs/terminate-run.ts';
import { someWorkerPolls } from '../../runs/worker-polls.ts';
import type { Display } from '../../terminal/display.ts';
import type { Verb } from '../context/context.ts';
import { type RunInHand, withRun } from './with-run.ts';

const CLOSE_MS = 30_000;
const LOOK_MS = 250;

/**
 * `ffhq cancel`: every Activity stops writing, then the run closes. Where no worker polls, nothing writes and nothing
 * could close the run, so it is terminated. What is stored stays.
 */
export const cancel: Verb = (context, values, words) => {
  const isForced = values.force === true;
  const end = async ({ workflowId, run, session, display }: RunInHand) => {
    const { client } = session.connected;
    if (!run.isOpen) throw refused(`cancel [run=${workflowId}]: expected an open run, got a closed one`);
    if (isForced || !(await someWorkerPolls(client, run.taskQueue))) {
      const reason = isForced ? 'ffhq cancel --force' : 'ffhq cancel, with no worker polling';
      await terminateRun(client, workflowId, reason);
      return said(display, workflowId, 'terminated');
    }
    await client.workflow.getHandle(workflowId).cancel();
    if (await closes(client, workflowId, context.interrupt)) return said(display, workflowId, 'cancelled');
    throw new CommandFailure(
      `cancel [run=${workflowId}]: expected it to close within ${CLOSE_MS / 1000} s; it is still open; cancellation was ` +
        `requested and may yet take effect; \`${context.spoken('cancel', '--force')}\` ends it at once`,
      exitCodes.internalError,
    );
  };
  return withRun(context, values, words, 'provide', end, { mayBeUnreadable: isForced });
};

async function closes(client: Client, workflowId: string, signal: AbortSignal): Promise<boolean> {
  for (const deadline = performance.now() + CLOSE_MS; performance.now() < deadline && !signal.aborted; ) {
    if (!(await requireRun(client, workflowId)).isOpen) return true;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  return false;
}

function said(display: Display, workflowId: string, how: 'cancelled' | 'terminated') {
  const text = `${workflowId}: ${how}; what is stored stays, and a new run goes on from there`;
  display.say({ event: 'status', status: how, workflowId }, text);
  return exitCodes.complete;
}

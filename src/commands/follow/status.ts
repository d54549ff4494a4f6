import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { makeRunObserver } from '../../runs/look-at-run.ts';
import { endOfRun, exitCodeOfEnd } from '../../runs/run-end.ts';
import type { RunSnapshot } from '../../runs/run-snapshot.ts';
import { uiLink } from '../../runs/ui-link.ts';
import { endLines } from '../../terminal/end-text.ts';
import { advance, emptyProgressModel } from '../../terminal/progress-model.ts';
import { statusLines } from '../../terminal/status-text.ts';
import type { Verb } from '../context/context.ts';
import { startWorkerOf } from '../context/context.ts';
import { withRun } from './with-run.ts';

/** Milliseconds that workers have to answer: more than in a display that is redrawn. */
const ANSWER_MS = 4_000;

/** `ffhq status [workflow-id]`: shows the run as of now. */
export const status: Verb = (context, values, words) =>
  withRun(context, values, words, 'provide', async ({ workflowId, run, session, display }) => {
    const { client } = session.connected;
    const { out, runId } = run;
    const seen = await makeRunObserver({ client, workflowId, queryWaitMs: ANSWER_MS }).look();
    const end = seen.status === 'running' ? undefined : await endOfRun(client, workflowId);
    const snapshot = end?.status === 'completed' ? { ...seen, progress: end.result.progress } : seen;
    const { view } = advance(emptyProgressModel(2), snapshot);
    const exitCode = end === undefined ? openExitCode(snapshot) : exitCodeOfEnd(end);
    const ui = uiLink(session, workflowId, runId);
    const lines = [
      ...statusLines(snapshot, view, Date.now(), startWorkerOf(context)),
      ...(end === undefined ? [] : endLines(end, out ?? '')),
      ...(ui === undefined ? [] : [`in the UI: ${ui}`]),
    ];
    const { startedAt, taskQueue, activities, children, status: state } = snapshot;
    display.say(
      {
        event: 'status',
        status: state,
        startedAt,
        taskQueue,
        out,
        ui,
        view,
        activities,
        children,
        end,
        exitCode,
      },
      lines,
    );
    return exitCode;
  });

function openExitCode(snapshot: RunSnapshot): ExitCode {
  return snapshot.progress?.paused === true ? exitCodes.paused : exitCodes.complete;
}

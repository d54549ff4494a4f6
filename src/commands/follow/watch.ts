import type { OptionValues } from 'commander';
import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { makeRunObserver } from '../../runs/look-at-run.ts';
import { requireRun } from '../../runs/require-run.ts';
import { closing, endOfRun } from '../../runs/run-end.ts';
import { uiLink } from '../../runs/ui-link.ts';
import type { Display } from '../../terminal/display.ts';
import { watchRun } from '../../terminal/watch-run.ts';
import type { CommandContext, Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import type { Session } from '../context/session.ts';
import { openSession } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { readDisplayOptions } from '../flags/display-flags.ts';
import { printEnd } from './print-end.ts';
import { whichRun } from './which-run.ts';

/** `ffhq watch [workflow-id]`: follows a run until it ends; Ctrl-C detaches and changes nothing. */
export const watch: Verb = async (context, values, words) => {
  const display = displayFor(context, values, readDisplayOptions(values));
  const named = await whichRun(context, values, words);
  const session = await openSession(context, readConnectionFlags(values), display, { without: 'refuse' });
  try {
    return await watchHere(context, values, session, display, named.workflowId);
  } finally {
    await session.close();
  }
};

/** What `watch` does once it has a server, also for `start --watch`. */
export async function watchHere(
  context: CommandContext,
  values: OptionValues,
  session: Session,
  display: Display,
  workflowId: string,
): Promise<ExitCode> {
  const { client } = session.connected;
  const { runId, out } = await requireRun(client, workflowId, context.spoken);
  const ended = await watchRun({
    observer: makeRunObserver({ client, workflowId }),
    end: () => endOfRun(client, workflowId),
    closed: closing(client, workflowId),
    display,
    signal: context.interrupt,
    timingWindow: readDisplayOptions(values).timingWindow,
  });
  const link = uiLink(session, workflowId, runId);
  if (ended.status === 'detached') {
    const text = `detached: the run goes on; to follow it again: ${context.spoken('watch', workflowId)}`;
    display.say({ event: 'result', status: 'detached', workflowId, exitCode: exitCodes.interrupted }, text);
    return exitCodes.interrupted;
  }
  return printEnd(ended, display, out ?? '', {
    link,
    server: session.embedded ? context.spoken('server') : undefined,
  });
}

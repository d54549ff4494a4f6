import type { OptionValues } from 'commander';
import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { type KnownRun, requireRun } from '../../runs/require-run.ts';
import type { Display } from '../../terminal/display.ts';
import { type CommandContext, displayFor } from '../context/context.ts';
import { openSession, type Session } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { whichRun } from './which-run.ts';

/** The run that a verb speaks of, on its server. */
export interface RunInHand {
  readonly workflowId: string;
  readonly run: KnownRun;
  readonly session: Session;
  readonly display: Display;
}

/**
 * Does something with one run and closes what it opened.
 *
 * @param without what happens where no server runs: `provide` starts the embedded one, `refuse` says what to do
 * @throws CommandFailure when no server can be reached, or the server knows no such run
 */
export async function withRun(
  context: CommandContext,
  values: OptionValues,
  words: readonly string[],
  without: 'provide' | 'refuse',
  work: (hand: RunInHand) => Promise<ExitCode>,
  { mayBeUnreadable = false } = {},
): Promise<ExitCode> {
  const display = displayFor(context, values);
  const { workflowId } = await whichRun(context, values, words);
  const session = await openSession(context, readConnectionFlags(values), display, { without, quiet: true });
  try {
    const run = await requireRun(session.connected.client, workflowId, context.spoken, mayBeUnreadable);
    return await work({ workflowId, run, session, display });
  } finally {
    await session.close();
  }
}

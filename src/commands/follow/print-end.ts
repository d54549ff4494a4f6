import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { exitCodeOfEnd } from '../../runs/run-end.ts';
import type { RunEnd } from '../../runs/run-snapshot.ts';
import type { Display } from '../../terminal/display.ts';
import { endLines } from '../../terminal/end-text.ts';

/**
 * The short report, and how to look at the run again.
 *
 * @param again where the UI shows the run, and the command that brings an embedded server back
 */
export function printEnd(
  end: RunEnd,
  display: Display,
  out: string,
  again: { readonly link: string | undefined; readonly server: string | undefined },
): ExitCode {
  const exitCode = exitCodeOfEnd(end);
  const { link, server } = again;
  const first = server === undefined ? '' : `\`${server}\`, then `;
  const look = link === undefined ? [] : [`to look at the run again: ${first}${link}`];
  display.say({ event: 'result', ...end, exitCode, ui: link }, [...endLines(end, out), ...look]);
  return exitCode;
}

import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { exitCodeOfEnd } from '../../runs/run-end.ts';
import type { RunEnd } from '../../runs/run-snapshot.ts';
import type { Display } from '../../terminal/display.ts';
import { endText } from '../../terminal/end-text.ts';

/** The short report, and how to look at the run again. */
export function printEnd(
  end: RunEnd,
  display: Display,
  out: string,
  link: string | undefined,
  embedded: boolean,
): ExitCode {
  const exitCode = exitCodeOfEnd(end);
  const again =
    link === undefined
      ? ''
      : `\nto look at the run again: ${embedded ? '`npm run server`, then ' : ''}${link}`;
  display.say({ event: 'result', ...end, exitCode, ui: link }, `${endText(end, out)}${again}`);
  return exitCode;
}

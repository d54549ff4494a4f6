import type { ExitCode } from './exit-code.ts';
import { exitCodes } from './exit-code.ts';
import type { SaysLines } from './said-lines.ts';

/** A verb's end that is not a result: a message for the person, in one line or more, one exit code for the shell. */
export class CommandFailure extends Error implements SaysLines {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;
  readonly lines: readonly string[];

  constructor(message: string | readonly string[], exitCode: ExitCode, options?: ErrorOptions) {
    const lines = typeof message === 'string' ? [message] : message;
    super(lines.join('\n'), options);
    this.lines = lines;
    this.exitCode = exitCode;
  }
}

/** What was asked cannot be done as asked. */
export function refused(message: string | readonly string[]): CommandFailure {
  return new CommandFailure(message, exitCodes.refusedInput);
}

import type { ExitCode } from './exit-code.ts';
import { exitCodes } from './exit-code.ts';

/** A verb's end that is not a result: one message for the person, one exit code for the shell. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** What was asked cannot be done as asked. */
export function refused(message: string): CommandFailure {
  return new CommandFailure(message, exitCodes.refusedInput);
}

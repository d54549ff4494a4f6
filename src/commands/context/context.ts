import type { OptionValues } from 'commander';
import type { Config } from '../../config.ts';
import type { ExitCode } from '../../domain/failure/exit-code.ts';
import type { SpokenAs } from '../../domain/words/spoken-as.ts';
import type { Display } from '../../terminal/display.ts';
import { makeDisplay } from '../../terminal/make-display.ts';
import type { DisplayOptions } from '../flags/display-flags.ts';
import { readOutput } from '../flags/display-flags.ts';
import type { Folders } from '../flags/values/out-folder.ts';
import type { Services } from './services.ts';

/** What every verb gets: settings, folders, a terminal, the rest of the program. */
export interface CommandContext {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folders: Folders;
  readonly stdout: NodeJS.WriteStream;
  /** Standard input, opened by whoever reads it first. */
  readonly stdin: () => NodeJS.ReadStream;
  readonly services: Services;
  /** Of this program. */
  readonly version: string;
  /** Commands as this person would type them, for hints. */
  readonly spoken: SpokenAs;
  /** Aborted by the first Ctrl-C (or SIGTERM); a second one ends the process at once. */
  readonly interrupt: AbortSignal;
}

/** A verb: parsed flags and positional words in, exit code out. */
export type Verb = (
  context: CommandContext,
  values: OptionValues,
  words: readonly string[],
) => Promise<ExitCode>;

export function displayFor(
  context: CommandContext,
  values: OptionValues,
  options: Pick<DisplayOptions, 'statusDelayMs'> = { statusDelayMs: 200 },
): Display {
  return makeDisplay({
    output: readOutput(values),
    startWorker: startWorkerOf(context),
    stream: context.stdout,
    redrawMs: options.statusDelayMs,
  });
}

/** The two commands that start a worker, for hints. */
export function startWorkerOf({ spoken }: CommandContext): string {
  return `\`${spoken('worker')}\` (or \`${spoken('run')}\`)`;
}

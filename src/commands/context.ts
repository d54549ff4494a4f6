import type { Command, OptionValues } from 'commander';
import type { Config } from '../config.ts';
import type { ExitCode } from '../domain/run/exit-code.ts';
import type { ConnectionFlags } from '../temporal/connection.ts';
import type { Display } from '../terminal/display.ts';
import { makeDisplay } from '../terminal/make-display.ts';
import { oneOf } from './flags/option-values.ts';
import type { Folders } from './flags/out-folder.ts';
import type { DisplayOptions } from './flags/run-options.ts';
import type { Services } from './services/services.ts';

/** What every verb gets: settings, folders, a terminal, the rest of the program. */
export interface CommandContext {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folders: Folders;
  readonly stdout: NodeJS.WriteStream;
  readonly services: Services;
  /** Aborted by the first Ctrl-C (or SIGTERM); a second one ends the process at once. */
  readonly interrupt: AbortSignal;
}

/** A verb: parsed flags and positional words in, exit code out. */
export type Verb = (
  context: CommandContext,
  values: OptionValues,
  words: readonly string[],
) => Promise<ExitCode>;

/** Flags of every verb. */
export function addOutputFlag(command: Command): Command {
  return command.option('--output <form>', 'text or json: one JSON object per line', 'text');
}

export function addConnectionFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'Temporal server (default: as configured, else the embedded one)')
    .option('--namespace <name>', 'Temporal namespace')
    .option('--profile <name>', 'profile of temporal.toml');
}

export function addTaskQueueFlag(command: Command): Command {
  return command.option('--task-queue <name>', 'Task Queue of run and workers (default: "ffhq")');
}

export function readConnectionFlags(values: OptionValues): ConnectionFlags {
  const { address, namespace, profile } = values as Record<string, string | undefined>;
  return { address, namespace, profile };
}

export function readOutput(values: OptionValues): 'text' | 'json' {
  return oneOf('--output', ['text', 'json'] as const)(String(values.output));
}

export function displayFor(
  context: CommandContext,
  values: OptionValues,
  options: Pick<DisplayOptions, 'statusDelayMs'> = { statusDelayMs: 200 },
): Display {
  return makeDisplay({
    output: readOutput(values),
    stream: context.stdout,
    redrawMs: options.statusDelayMs,
  });
}

import type { Command, OptionValues } from 'commander';
import type { ConnectionFlags } from '../../temporal/connection.ts';

/** Flags that name a Temporal server. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('--address <host:port>', 'Temporal server (default: as configured, or the embedded one)')
    .option('--namespace <name>', 'Temporal namespace')
    .option('--profile <name>', 'profile in temporal.toml');
}

/** The Task Queue that runs and workers meet on. */
export function addTaskQueueFlag(command: Command): Command {
  return command.option(
    '--task-queue <name>',
    'Task Queue of runs and workers; the version is added (default: "ffhq")',
  );
}

export function readConnectionFlags(values: OptionValues): ConnectionFlags {
  const { address, namespace, profile } = values as Record<string, string | undefined>;
  return { address, namespace, profile };
}

import type { Command, OptionValues } from 'commander';
import type { ConnectionFlags } from '../../temporal/connection.ts';

/** Flags that name a Temporal server. */
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

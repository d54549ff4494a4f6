import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { refused } from '../../../domain/failure/command-failure.ts';
import { byteCount } from '../values/option-values.ts';
import type { Folders } from '../values/out-folder.ts';

/** What a run would do, and to do just that. */
export function addPlanningFlags(command: Command): Command {
  return command
    .option('--dry-run', 'print the plan and start nothing')
    .option(
      '--rate <bytes>',
      'with --dry-run: bytes a second to reckon with, such as 20M (default: as measured)',
    )
    .option('--plan <file>', 'the same, and save the plan')
    .option('--apply <file>', 'run a saved plan, with its manifest and its records');
}

export interface Planning {
  /** Only print the plan. */
  readonly isDry: boolean;
  /** Bytes a second. */
  readonly rate: number | undefined;
  /** Absolute path of the plan to be saved. */
  readonly saveAs: string | undefined;
}

export function readPlanning(values: OptionValues, { given }: Folders): Planning {
  const { plan, rate } = values as Readonly<Record<string, unknown>>;
  if (plan === '') throw refused('flag [--plan]: expected a file, got nothing');
  const saveAs = typeof plan === 'string' ? resolve(given, plan) : undefined;
  const isDry = values.dryRun === true || saveAs !== undefined;
  if (typeof rate === 'string' && !isDry)
    throw refused('flag [--rate]: expected with --dry-run or --plan, got it without; --bwlimit bounds a run');
  return {
    isDry,
    rate: typeof rate === 'string' ? byteCount('--rate', 1, 1024 ** 5)(rate) : undefined,
    saveAs,
  };
}

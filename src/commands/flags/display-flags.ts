import type { Command, OptionValues } from 'commander';
import { decimalNumber, oneOf, wholeNumber } from './values/option-values.ts';

/** How progress is shown. */
export interface DisplayOptions {
  readonly statusDelayMs: number;
  /** Samples over which rates are taken. */
  readonly timingWindow: number;
}

export function addDisplayFlags(command: Command): Command {
  return command
    .option('--status_delay <sec>', 'time between status prints', '0.2')
    .option('--timing_window <samples>', 'samples for estimating rates and ETA', '50');
}

export function readDisplayOptions(values: OptionValues): DisplayOptions {
  return {
    statusDelayMs: decimalNumber('--status_delay', 0.01, 3600)(String(values.status_delay)) * 1000,
    timingWindow: wholeNumber('--timing_window', 2, 100_000)(String(values.timing_window)),
  };
}

/** The form of the answer, a flag of every verb. */
export function addOutputFlag(command: Command): Command {
  return command.option('--output <form>', 'text or json: one JSON object per line', 'text');
}

export function readOutput(values: OptionValues): 'text' | 'json' {
  return oneOf('--output', ['text', 'json'] as const)(String(values.output));
}

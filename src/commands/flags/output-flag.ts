import type { Command, OptionValues } from 'commander';
import { oneOf } from './option-values.ts';

/** The form of the answer, a flag of every verb. */
export function addOutputFlag(command: Command): Command {
  return command.option('--output <form>', 'text or json: one JSON object per line', 'text');
}

export function readOutput(values: OptionValues): 'text' | 'json' {
  return oneOf('--output', ['text', 'json'] as const)(String(values.output));
}

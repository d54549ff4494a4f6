import type { Command, OptionValues } from 'commander';
import { refused } from '../../domain/failure/command-failure.ts';
import type { Display } from '../../terminal/display.ts';
import type { CommandContext } from '../context/context.ts';
import { readOutput } from '../flags/display-flags.ts';
import { oneOf, wholeNumber } from '../flags/values/option-values.ts';

/** More would make a page of many megabytes that nobody looks through. */
const MOST_FACES = 1_000;

export interface ReportFlags {
  readonly format: 'text' | 'json' | 'html';
  /** Where the page goes; undefined: beside the report. */
  readonly to: string | undefined;
  readonly faces: number;
  readonly watch: boolean;
  /** 0: any that is free. */
  readonly port: number;
}

/** What `report` and its parts work with. */
export interface ReportAsk {
  readonly context: CommandContext;
  readonly values: OptionValues;
  readonly flags: ReportFlags;
  readonly out: string;
  readonly display: Display;
}

export function addReportFlags(command: Command): Command {
  return command
    .option('--format <form>', 'text, json or html: one page that needs nothing else')
    .option('--to <file>', 'where the page goes (default: .ffhq/report.html in the folder)')
    .option('--contact-sheet <n>', 'with so many small faces in the page; they are people (default: none)')
    .option('--watch', 'serve the page on this machine, with progress, until Ctrl-C')
    .option('--port <n>', 'port for --watch (default: a free one)');
}

export function readReportFlags(values: OptionValues): ReportFlags {
  const text = (name: string): string | undefined => values[name] as string | undefined;
  const format =
    text('format') ?? (readOutput(values) === 'json' && text('to') === undefined ? 'json' : 'text');
  const watch = values.watch === true;
  const isPage = watch || format === 'html';
  const [to, faces, port] = [text('to'), text('contactSheet'), text('port')];
  const refuse = (flag: string, wanted: string) =>
    refused(`flag [${flag}]: expected ${wanted} with it, got none`);
  if (to !== undefined && (format !== 'html' || watch)) throw refuse('--to', '--format html and no --watch');
  if (faces !== undefined && !isPage) throw refuse('--contact-sheet', '--format html or --watch');
  if (port !== undefined && !watch) throw refuse('--port', '--watch');
  return {
    format: oneOf('--format', ['text', 'json', 'html'] as const)(format),
    to,
    faces: faces === undefined ? 0 : wholeNumber('--contact-sheet', 1, MOST_FACES)(faces),
    watch,
    port: port === undefined ? 0 : wholeNumber('--port', 1, 65_535)(port),
  };
}

import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { writeNewDocument } from '../../activities/describe/new-document.ts';
import { makeDeflate } from '../../activities/kernels/make-deflate.ts';
import { makeRows } from '../../activities/kernels/make-rows.ts';
import { encodePng } from '../../activities/png/encode-png.ts';
import { pixelsOf } from '../../domain/charts/pixels.ts';
import { statsDrawing } from '../../domain/charts/stats-drawing.ts';
import { svgOf } from '../../domain/charts/svg.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { statsCsv, statsHtml, statsJson, statsMarkdown } from '../../domain/rights/stats-files.ts';
import { type StatsCounts, statsText } from '../../domain/words/stats.ts';
import { documentTo } from '../../terminal/door.ts';
import type { CommandContext, Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { readOutput } from '../flags/display-flags.ts';
import { oneOf } from '../flags/values/option-values.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { chosenRecords, LeftOut } from './chosen-records.ts';
import { countsOf, sayStats, statsEvent } from './say-stats.ts';

/** Pixels of a PNG to one of the drawing: sharp on every screen, and on paper. */
const SCALE = 2;

const formats = ['text', 'md', 'json', 'csv', 'html', 'svg', 'png'] as const;
type Format = (typeof formats)[number];

const documents: Readonly<Record<Format, (counts: StatsCounts) => string | Uint8Array>> = {
  text: statsText,
  md: statsMarkdown,
  json: statsJson,
  csv: statsCsv,
  html: statsHtml,
  svg: (counts) => svgOf(statsDrawing(counts)),
  png: (counts) => encodePng(pixelsOf(statsDrawing(counts), SCALE), makeRows(), makeDeflate()),
};

/** What a person would not read on a terminal. */
const FOR_FILES: readonly Format[] = ['html', 'svg', 'png'];

export function addStatsFlags(command: Command): Command {
  return command
    .option('--format <form>', `${formats.join(', ')}; html, svg and png have pie charts`, 'text')
    .option('--out-file <file>', 'write a new file (default: standard output)');
}

/** `ffhq stats`: how many records of which part, licence and country; needs no server. */
export const stats: Verb = async (context, values) => {
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const { format, file } = readForm(values, context);
  const display = displayFor(context, values);
  const leftOut = new LeftOut();
  const counts = await countsOf(chosenRecords(context, values, out, leftOut));
  if (file !== undefined) {
    await writeNewDocument(file, documents[format](counts), 'flag [--out-file]');
    display.say({ ...statsEvent(counts), path: file }, `wrote ${file}`);
  } else if (format === 'text') sayStats(counts, display);
  else documentTo(context.stdout)(documents[format](counts));
  // Nothing else goes where a document went.
  if (file !== undefined || format === 'text') leftOut.say(display);
  return exitCodes.complete;
};

function readForm(values: OptionValues, { folders, stdout }: CommandContext) {
  const format = oneOf('--format', formats)(String(values.format));
  const named: unknown = values.outFile;
  if (named === '') throw refused('flag [--out-file]: expected a file, got nothing');
  if (typeof named === 'string') return { format, file: resolve(folders.given, named) };
  const toWhom = readOutput(values) === 'json' ? '--output json' : stdout.isTTY ? 'a terminal' : undefined;
  const isUnfit = toWhom === '--output json' ? format !== 'text' : FOR_FILES.includes(format);
  if (toWhom !== undefined && isUnfit)
    throw refused(`flag [--out-file]: expected a file for --format ${format}, got none, and ${toWhom}`);
  return { format, file: undefined };
}

import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { writeDocument } from '../../activities/describe/document-file.ts';
import { ListedFiles } from '../../activities/describe/listed-files.ts';
import { alignedPath } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { kinds } from '../../domain/kinds.ts';
import {
  type AttributionBook,
  AttributionBooks,
  type PresentFile,
} from '../../domain/rights/attribution/attribution-book.ts';
import {
  attributionFormatNames,
  attributionFormats,
} from '../../domain/rights/attribution/attribution-formats.ts';
import { formatBytes, formatCount } from '../../domain/words/format.ts';
import { table } from '../../domain/words/table.ts';
import type { CommandContext, Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { choices } from '../flags/selection/selection-flags.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { chosenRecords, LeftOut, notesOf } from './chosen-records.ts';

export function addAttributionFlags(command: Command): Command {
  return command
    .option(
      '--format <names>',
      `some of ${attributionFormatNames.join(', ')}`,
      attributionFormatNames.join(','),
    )
    .option('--to <folder>', 'where to write them (default: the dataset folder)');
}

/** `ffhq attribution`: whose photographs the files are that lie in the folder; needs no server. */
export const attribution: Verb = async (context, values) => {
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const formats = choices('--format', String(values.format), attributionFormatNames) ?? [];
  const folder = readTo(values, context, out);
  const display = displayFor(context, values);
  const leftOut = new LeftOut();
  const book = await bookOf(context, values, out, leftOut);
  const noted = await notesOf(context, out);
  const documents = [];
  for (const format of formats) {
    const { file, head, pieces } = attributionFormats[format];
    const document = { folder, name: file, head, pieces: pieces(book), ...noted };
    documents.push({ format, ...(await writeDocument(document, context.interrupt)) });
  }
  const licenses = book.groups.map(({ word, spdx, heading, records }) => ({
    ...{ license: word, name: heading, spdx, records },
  }));
  display.say({ event: 'attribution', records: book.records, licenses, documents }, [
    ...table(licenses.map(({ name, spdx, records }) => [formatCount(records), name, spdx])),
    ...documents.map(({ path, bytes }) => `wrote ${path} (${formatBytes(bytes)})`),
  ]);
  leftOut.say(display);
  return exitCodes.complete;
};

async function bookOf(
  context: CommandContext,
  values: OptionValues,
  out: string,
  leftOut: LeftOut,
): Promise<AttributionBook> {
  const listed = new ListedFiles(out);
  const books = new AttributionBooks();
  let isAny = false;
  for await (const record of chosenRecords(context, { ...values, present: false }, out, leftOut)) {
    const present: PresentFile[] = record.files.filter(({ kind }) => record.present.includes(kind));
    const aligned = alignedPath(kinds.align.folder, record.position);
    if (await listed.has(aligned)) present.push({ kind: 'align', path: aligned });
    if (present.length === 0) continue;
    isAny = true;
    books.add(record, present);
  }
  if (!isAny) throw refused(`folder [${out}]: expected files of the chosen records, got none`);
  return books.finish();
}

function readTo(values: OptionValues, { folders }: CommandContext, out: string): string {
  if (values.to === '') throw refused('flag [--to]: expected a folder, got nothing');
  return values.to === undefined ? out : resolve(folders.given, String(values.to));
}

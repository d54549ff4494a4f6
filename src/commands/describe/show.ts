import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command, OptionValues } from 'commander';
import { writeDocument } from '../../activities/describe/document-file.ts';
import { pagePictures } from '../../activities/describe/page-pictures.ts';
import { cropOf, shownFiles } from '../../activities/describe/shown-files.ts';
import { formatImageId, type ImageId, parseImageId } from '../../domain/dataset/ids.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { licenseFacts } from '../../domain/rights/license-facts.ts';
import { PAGE_HEAD, recordPage } from '../../domain/rights/show/record-page.ts';
import { type ShownRecord, shownLines } from '../../domain/rights/show/shown-record.ts';
import { formatCount } from '../../domain/words/format.ts';
import { type Display, noteTo } from '../../terminal/display.ts';
import type { CommandContext, Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { shown as shownValue } from '../flags/values/option-values.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { type FolderRecord, notesOf, recordsIn, sealToReadBy } from './chosen-records.ts';

export function addShowFlags(command: Command): Command {
  return command
    .option('--open', 'show a page in the browser: original, crop and thumbnail side by side')
    .option('--to <file>', 'write that page there (default: with --open, a temporary folder)');
}

/** `ffhq show ID`: everything about one picture; needs no server. */
export const show: Verb = async (context, values, [word = '']) => {
  const out = chooseOut(values.out, values.out === undefined, context.folders);
  const id = parseImageId(word.replace(/^0+(?=\d)/, ''));
  if (id === undefined) throw refused(`id: expected 0 to 99999, got ${shownValue(word)}`);
  const display = displayFor(context, values);
  const { isExcluded, ...record } = await recordOf(context, display, out, id);
  const shown: ShownRecord = {
    ...{ record, isExcluded },
    files: await shownFiles(out, record, await sealToReadBy(context)),
    crop: await cropOf(out, id, context.interrupt),
  };
  const page = await writePage(context, values, out, shown);
  const isOpened =
    page !== undefined &&
    values.open === true &&
    context.services.openBrowser(pathToFileURL(page).href, context.env);
  display.say(
    { event: 'show', ...eventOf(shown), page: page ?? null },
    page === undefined
      ? shownLines(shown)
      : [...shownLines(shown), '', `${isOpened ? 'opened' : 'wrote'} ${page}`],
  );
  return exitCodes.complete;
};

async function recordOf(
  context: CommandContext,
  display: Display,
  out: string,
  id: ImageId,
): Promise<FolderRecord> {
  let records = 0;
  for await (const record of recordsIn(context, out, noteTo(display))) {
    if (record.id === id) return record;
    records += 1;
  }
  throw refused(
    `id [${id}]: expected one of the manifest's ${formatCount(records)} records, got none of them`,
  );
}

async function writePage(
  context: CommandContext,
  values: OptionValues,
  out: string,
  shown: ShownRecord,
): Promise<string | undefined> {
  const { folders, interrupt } = context;
  if (values.to === '') throw refused('flag [--to]: expected a file, got nothing');
  if (values.open !== true && values.to === undefined) return undefined;
  // Of a folder that is only this user's nobody else can take the page away, or read it.
  const file =
    values.to === undefined
      ? join(await mkdtemp(join(tmpdir(), 'ffhq-show-')), `${formatImageId(shown.record.id)}.html`)
      : resolve(folders.given, String(values.to));
  const page = recordPage(shown, await pagePictures(out, shown.files));
  const document = {
    folder: dirname(file),
    name: basename(file),
    head: PAGE_HEAD,
    pieces: [page],
    ...(await notesOf(context, out)),
  };
  return (await writeDocument(document, interrupt)).path;
}

function eventOf({ record, isExcluded, files, crop }: ShownRecord) {
  const { files: _, licenseWord, license, licenseUrl, ...words } = record;
  const spdx = licenseWord === undefined ? null : licenseFacts[licenseWord].spdx;
  return {
    ...{ ...words, license, licenseUrl, spdx, excluded: isExcluded },
    files: files.map(({ kind, path, place, size, expected, known, discarded, failure }) => ({
      ...{ kind, path, place, size: size ?? null, expected: expected ?? null },
      ...{ known: known ?? null, discarded: discarded ?? null, failure: failure ?? null },
    })),
    crop: crop ?? null,
  };
}

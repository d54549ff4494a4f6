import { join, resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import type { CardsRequest } from '../../activities/describe/cards/cards-request.ts';
import { MadeFolder } from '../../activities/describe/cards/made-folder.ts';
import { type MadeCards, makeCards } from '../../activities/describe/cards/make-cards.ts';
import { readExclusions } from '../../activities/exclusion/exclusions.ts';
import { Seal } from '../../activities/records/seal.ts';
import { VerifiedLog } from '../../activities/records/verified-records.ts';
import { whatIs } from '../../activities/store/file-info.ts';
import { WriterProcess } from '../../activities/store/writer.ts';
import { VerifyThreads } from '../../activities/verify/verify-threads.ts';
import { type CardFormat, cardFormats } from '../../domain/cards/sum-lines.ts';
import { MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { type ExitCode, exitCodes } from '../../domain/failure/exit-code.ts';
import { imageKinds } from '../../domain/kinds.ts';
import { cardsOf } from '../../domain/verify/folder-card.ts';
import { formatBytes, formatCount, formatFiles } from '../../domain/words/format.ts';
import { keyToLookBy } from '../../signing/signing-key.ts';
import { isDeadProcessOfThisHost, workerIdentity } from '../../temporal/identity.ts';
import { type Display, noteTo } from '../../terminal/display.ts';
import { type CommandContext, displayFor, type Verb } from '../context/context.ts';
import { readWanted } from '../flags/selection/selection-flags.ts';
import { shown } from '../flags/values/option-values.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { chosenRecords, LeftOut, sealToReadBy } from './chosen-records.ts';

/** How often somebody who waits for digests hears of them. */
const TELL_MS = 5_000;

export function addMetadataFlags(command: Command): Command {
  return command
    .option('--format <names>', `some of ${cardFormats.join(', ')} (default: all but sha256 and bagit)`)
    .option('--to <folder>', 'where they go (default: the dataset folder, to which the paths in them refer)')
    .option('--sha256', 'SHA-256 too: reads every verified file once, and notes what it finds')
    .option(
      '--bag-payload',
      'a bag that holds the files, by further names or as copies, not only where to fetch them',
    )
    .option('-i, --images', 'of the pictures only the 1024x1024 images')
    .option('-t, --thumbs', 'only the thumbnails')
    .option('-w, --wilds', 'only the in-the-wild images');
}

/** `ffhq metadata`: says what a folder holds, in the files that stewards know; needs no server. */
export const metadata: Verb = async (context, values) => {
  const out = chooseOut(values.out, false, context.folders);
  const formats = formatsOf(values);
  const to = values.to === undefined ? out : toFolder(values.to, context);
  const display = displayFor(context, values);
  const manifest = await whatIs(join(out, MANIFEST_FILE));
  if (!manifest.isFile)
    throw refused(
      `folder [${out}]: expected ${MANIFEST_FILE}, got none; name the folder with --out, or fetch it with --json`,
    );
  const seal = (await sealToReadBy(context)) ?? new Seal(await keyToLookBy(context.config.keyFile));
  const threads = new VerifyThreads();
  const progress = new HashingNotes(display);
  const leftOut = new LeftOut();
  try {
    const into = await MadeFolder.open(to, out, seal, context.interrupt);
    try {
      const made = await makeCards(
        await requestOf(context, values, { out, formats, seal }),
        chosenRecords(context, values, out, leftOut),
        into,
        {
          verified: new VerifiedLog(new WriterProcess(workerIdentity(), isDeadProcessOfThisHost).name, seal),
          seal,
          looks: threads,
          sum: (path, signal, onBytes) => threads.sum(path, signal, onBytes),
          signal: context.interrupt,
          onHashed: progress.tell,
        },
      );
      leftOut.say(display);
      return say(display, made, { out, to, isForgotten: made.isForgotten || into.isForgotten }, context);
    } finally {
      await into.release();
    }
  } catch (error) {
    if (!context.interrupt.aborted) throw error;
    const text =
      'stopped; no file was left half written, and digests that were computed are kept: the same command goes on';
    display.say({ event: 'note', text }, text);
    return exitCodes.interrupted;
  } finally {
    await threads.close();
  }
};

function formatsOf(values: OptionValues): readonly CardFormat[] {
  const named: readonly string[] | undefined =
    typeof values.format === 'string' ? values.format.split(',').map((word) => word.trim()) : undefined;
  const stranger = named?.find((word) => !cardFormats.some((one) => one === word));
  if (stranger !== undefined)
    throw refused(`flag [--format]: expected some of ${cardFormats.join(', ')}, got ${shown(stranger)}`);
  const wanted = named ?? cardFormats.filter((one) => one !== 'sha256' && one !== 'bagit');
  if (values.bagPayload === true && !wanted.includes('bagit'))
    throw refused('flag [--bag-payload]: expected with --format bagit, got it without');
  return cardFormats.filter((one) => wanted.includes(one) || (one === 'sha256' && values.sha256 === true));
}

function toFolder(given: unknown, { folders }: CommandContext): string {
  if (typeof given !== 'string' || given === '') throw refused('flag [--to]: expected a folder, got nothing');
  return resolve(folders.given, given);
}

async function requestOf(
  { services, folders, version }: CommandContext,
  values: OptionValues,
  { out, formats, seal }: Pick<CardsRequest, 'out' | 'formats'> & { readonly seal: Seal },
): Promise<CardsRequest> {
  const flagged = imageKinds.filter((kind) => values[kind] === true);
  const { ids, selection } = readWanted(values, folders);
  const isAll = ids === undefined && selection === undefined && values.present !== true;
  // Archives hold the pictures of everybody.
  const isForAll = (await readExclusions(out, seal)).entries.length === 0;
  const [card] = cardsOf(await services.readFolderCard(out, seal));
  const filled = imageKinds.filter((kind) => card?.kinds?.includes(kind));
  return {
    ...{ out, formats, card },
    kinds: flagged.length > 0 ? flagged : imageKinds,
    fetchedKinds: [flagged, filled, imageKinds].find((some) => some.length > 0) ?? imageKinds,
    isWhole: isAll && isForAll && flagged.length === 0,
    bagPayload: values.bagPayload === true,
    program: `ffhq ${version}`,
    made: new Date().toISOString(),
  };
}

interface Place {
  readonly out: string;
  readonly to: string;
  readonly isForgotten: boolean;
}

function say(
  display: Display,
  made: MadeCards,
  { out, to, isForgotten }: Place,
  { spoken }: CommandContext,
): ExitCode {
  const { facts, files, bag, there, verified, unverified, damaged, damagedPaths } = made;
  const known = { there, verified, unverified, damaged };
  display.say(
    {
      event: 'metadata',
      folder: to,
      ...{ records: facts.records, version: facts.version, removed: facts.removed },
      ...known,
      files: files.map(({ format, name, bytes, sha256 }) => ({ format, name, bytes, sha256 })),
      ...(bag === undefined ? {} : { bag }),
    },
    [
      ...files.map(({ name, bytes }) => `${name}  ${formatBytes(bytes)}`),
      ...(bag === undefined
        ? []
        : [`${bag.name}/  a bag of ${formatFiles(bag.files)}, ${formatBytes(bag.bytes)}`]),
      `in ${to}: ${formatCount(facts.records)} records, version ${facts.version}; of ${formatFiles(there)} there ` +
        `${formatCount(verified)} are verified`,
    ],
  );
  const note = noteTo(display);
  if (unverified > 0)
    note(
      `${formatFiles(unverified)} without a record that they were verified: in no list of digests; look at them with ` +
        `\`${spoken('verify', '--out', out)}\``,
    );
  if (damaged > 0)
    note(
      `${formatFiles(damaged)} no longer what was verified, and in no list: ${damagedPaths.join(', ')}` +
        `${damaged > damagedPaths.length ? ', ...' : ''}; \`${spoken('verify', '--repair', '--out', out)}\``,
    );
  if (bag !== undefined && bag.unfetchable > 0)
    note(
      `${formatFiles(bag.unfetchable)} left out of the bag: the manifest does not say where they are to be had`,
    );
  if (isForgotten)
    note(
      'the dataset folder cannot be written to: digests and what was written here are not remembered there',
    );
  return damaged > 0 ? exitCodes.completeWithFailures : exitCodes.complete;
}

/** Says now and then how far the hashing is. */
class HashingNotes {
  readonly #display: Display;
  #told = performance.now();

  constructor(display: Display) {
    this.#display = display;
  }

  readonly tell = (files: number, bytes: number): void => {
    if (performance.now() - this.#told < TELL_MS) return;
    this.#told = performance.now();
    const text = `hashed ${formatFiles(files)}, ${formatBytes(bytes)}`;
    this.#display.say({ event: 'note', text }, text);
  };
}

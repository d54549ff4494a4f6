import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { readSmallFile, writeFileAtomically } from '../../activities/store/atomic-file.ts';
import {
  type ExclusionEntry,
  type ExclusionList,
  exclusionText,
  MOST_EXCLUSION_BYTES,
  mostOfExclusions,
  parseExclusions,
} from '../../domain/exclusion/exclusion-list.ts';
import { photoKey } from '../../domain/exclusion/photo-key.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { accountOf, authorKey } from '../../domain/selection/author-key.ts';
import type { CommandContext, Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { readIds } from '../flags/selection/ids-flag.ts';
import { linesOf, readNamedFile } from '../flags/values/named-file.ts';
import { httpUrl, shown } from '../flags/values/option-values.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { ExclusionsHere, exclusionLines } from './exclusions-here.ts';

/** What is excluded, why, and where the list goes. */
export function addExcludeFlags(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []) => [...before, value];
  return command
    .option('--ids <ranges|file>', 'these records, such as 17,80-82, or a file of them')
    .option('--author-from <file>', 'all by these: a Flickr account, page or name a line')
    .option('--account <name>', 'all of this Flickr account (repeatable)', collect)
    .option('--photo-url <url>', "this photograph, by its page's address (repeatable)", collect)
    .option('--from <file>', "what another folder's list, or one that somebody gave you, excludes")
    .option('--reason <words>', 'why; stays in this folder')
    .option('--list', 'show the list, and change nothing')
    .option('--to <file>', 'also write the list to a file that can be given away: it names nobody');
}

/** `ffhq exclude`: what it names is never fetched, aligned or missed here again; needs no server. */
export const exclude: Verb = async (context, values) => {
  const out = chooseOut(values.out, false, context.folders);
  const display = displayFor(context, values);
  const { path } = await context.services.ensureStore(out);
  const here = await ExclusionsHere.of(path, context);
  const taken = readList(values, context);
  const entries = [...(taken?.entries ?? []), ...(await readEntries(values, context, here))];
  if (values.list !== true && entries.length === 0 && typeof values.to !== 'string')
    throw refused(
      'flags: expected --ids, --author-from, --account, --photo-url, --from, --list or --to, got none of them',
    );
  if (values.list === true && entries.length > 0)
    throw refused('flag [--list]: expected alone, got it with others that change the list');
  const now =
    entries.length === 0 ? await here.read() : (await here.add(entries, { over: taken !== undefined })).now;
  await writeList(values, context, now);
  const records = await here.count(now);
  const { version, digest } = now;
  display.say(
    {
      event: 'exclusions',
      ...{ path, version, digest, records: records ?? null },
      entries: values.list === true ? now.entries : now.entries.length,
    },
    [
      ...exclusionLines(now, records),
      ...(values.list === true ? now.entries.map(entryLine) : []),
      ...(entries.length > 0
        ? [`what lies here of them goes with: ${context.spoken('purge', '--out', path)}`]
        : []),
    ],
  );
  return exitCodes.complete;
};

/** A list as a file, without a seal: whoever takes it over says so by `--from`. */
export async function writeList(
  values: OptionValues,
  { folders }: CommandContext,
  list: ExclusionList,
): Promise<void> {
  if (typeof values.to !== 'string') return;
  if (values.to === '') throw refused('flag [--to]: expected a file, got nothing');
  const path = resolve(folders.given, values.to);
  const known = await readSmallFile(path, MOST_EXCLUSION_BYTES).catch((error: unknown) => {
    if (errorCode(error) === 'EISDIR') return '';
    throw error;
  });
  if (known !== undefined && 'problem' in parseExclusions(known))
    throw refused(`flag [--to]: expected no file or an exclusion list at ${shown(path)}, got another`);
  await writeFileAtomically(path, `${exclusionText(list)}\n`);
}

function readList(values: OptionValues, { folders }: CommandContext): ExclusionList | undefined {
  if (typeof values.from !== 'string') return undefined;
  const path = resolve(folders.given, values.from);
  const list = parseExclusions(readNamedFile('--from', path));
  if ('problem' in list) throw refused(`flag [--from]: ${list.problem}, in ${shown(path)}`);
  return list;
}

async function readEntries(
  values: OptionValues,
  { folders }: CommandContext,
  here: ExclusionsHere,
): Promise<readonly ExclusionEntry[]> {
  const ids = readIds(values, folders);
  const accounts = keysOf(values.account, '--account', (name) => authorKey(accountOf(name) ?? name));
  const photos = keysOf(values.photoUrl, '--photo-url', (url) =>
    photoKey(httpUrl('--photo-url')(url.trim()).href),
  );
  const authors = readAuthors(values, folders.given);
  const entry = {
    ...(ids === undefined ? {} : { ids, manifestMd5: await here.manifestMd5() }),
    ...(accounts === undefined ? {} : { accounts }),
    ...(authors === undefined ? {} : { authors }),
    ...(photos === undefined ? {} : { photos }),
  };
  const reason = readReason(values);
  if (Object.keys(entry).length > 0)
    return [{ at: new Date().toISOString(), ...(reason === undefined ? {} : { reason }), ...entry }];
  if (reason !== undefined) throw refused('flag [--reason]: expected with what is excluded, got it without');
  return [];
}

function readAuthors(values: OptionValues, given: string): readonly string[] | undefined {
  if (typeof values.authorFrom !== 'string') return undefined;
  const lines = linesOf(readNamedFile('--author-from', resolve(given, values.authorFrom)));
  return keysOf(lines, '--author-from', (line) => authorKey(accountOf(line) ?? line));
}

function keysOf(
  given: unknown,
  flag: string,
  keyOf: (text: string) => string,
): readonly string[] | undefined {
  if (!Array.isArray(given)) return undefined;
  const texts = (given as readonly string[]).map((text) => text.trim());
  if (texts.length === 0 || texts.length > mostOfExclusions.keys || texts.includes(''))
    throw refused(`flag [${flag}]: expected 1 to ${mostOfExclusions.keys} names, got none, or more`);
  return [...new Set(texts.map(keyOf))].sort();
}

function readReason(values: OptionValues): string | undefined {
  if (typeof values.reason !== 'string' || values.reason.trim() === '') return undefined;
  const reason = values.reason.trim();
  if (reason.length <= mostOfExclusions.reason && !/\p{Cc}/u.test(reason)) return reason;
  throw refused(
    `flag [--reason]: expected a line of at most ${mostOfExclusions.reason} characters, got another text`,
  );
}

function entryLine(entry: ExclusionEntry): string {
  const { at, ids, accounts = [], authors = [], photos = [], reason } = entry;
  const parts = [
    ...(ids === undefined ? [] : [`ids ${ids.length > 60 ? 'of a list' : ids}`]),
    ...[
      ['accounts', accounts],
      ['authors', authors],
      ['photographs', photos],
    ].flatMap(([what, keys]) => (keys && keys.length > 0 ? [`${keys.length} ${what as string}`] : [])),
  ];
  return `${at.slice(0, 10)}: ${parts.join(', ')}${reason === undefined ? '' : ` (${reason})`}`;
}

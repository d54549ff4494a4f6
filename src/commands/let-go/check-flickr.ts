import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type ExclusionEntry, noExclusions, withEntries } from '../../domain/exclusion/exclusion-list.ts';
import { flickrReasons, flickrReasonWords, parseFlickrList } from '../../domain/exclusion/flickr-list.ts';
import { photoKey } from '../../domain/exclusion/photo-key.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { formatCount } from '../../domain/words/format.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { linesOf, readNamedFile } from '../flags/values/named-file.ts';
import { shown } from '../flags/values/option-values.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { writeList } from './exclude.ts';
import { ExclusionsHere, exclusionLines } from './exclusions-here.ts';

export function addCheckFlickrFlags(command: Command): Command {
  return command
    .option('--from <file>', 'photographs, a line each: URL, or URL,why (gone, private, no_cv, licence)')
    .option('--to <file>', 'write the exclusion list there, and leave the folder as it is');
}

/** `ffhq check-flickr`: makes an exclusion list of what somebody found out on Flickr; asks Flickr nothing. */
export const checkFlickr: Verb = async (context, values) => {
  if (typeof values.from !== 'string') throw refused('flag [--from]: expected a file, got nothing');
  const out = chooseOut(values.out, false, context.folders);
  const display = displayFor(context, values);
  const file = resolve(context.folders.given, values.from);
  const found = parseFlickrList(linesOf(readNamedFile('--from', file)));
  if ('problem' in found)
    throw refused(
      `flag [--from]: expected ${found.problem}, got another text in line ${found.line} of ${shown(file)}`,
    );
  if (found.length === 0) throw refused(`flag [--from]: expected photographs, got none in ${shown(file)}`);
  const at = new Date().toISOString();
  const entries = flickrReasons.flatMap((why): ExclusionEntry[] => {
    const keys = new Set(found.filter((one) => one.why === why).map(({ url }) => photoKey(url)));
    return keys.size === 0 ? [] : [{ at, reason: flickrReasonWords[why], photos: [...keys].sort() }];
  });
  const toFile = typeof values.to === 'string';
  const { path } = toFile ? { path: out } : await context.services.ensureStore(out);
  const here = await ExclusionsHere.of(path, context);
  const list = toFile ? withEntries(noExclusions, entries) : (await here.add(entries, { over: false })).now;
  await writeList(values, context, list);
  const records = await here.count(toFile ? list : withEntries(noExclusions, entries));
  const why = Object.fromEntries(
    flickrReasons.map((each) => [each, found.filter((one) => one.why === each).length]),
  );
  const { version, digest } = list;
  display.say(
    {
      event: 'exclusions',
      ...{ path, version, digest, records: records ?? null },
      photographs: found.length,
      why,
    },
    [
      `${formatCount(found.length)} photographs: ${flickrReasons
        .filter((each) => (why[each] ?? 0) > 0)
        .map((each) => `${formatCount(why[each] ?? 0)} ${each}`)
        .join(', ')}`,
      ...(records === undefined ? [] : [`${formatCount(records)} records of the manifest here are of them`]),
      ...exclusionLines(list, undefined).slice(1),
      ...(toFile ? [] : [`what lies here of them goes with: ${context.spoken('purge', '--out', path)}`]),
    ],
  );
  return exitCodes.complete;
};

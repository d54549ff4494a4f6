import type { Command, OptionValues } from 'commander';
import { type ZipRequest, type ZipsRequest, zipKeys } from '../../../domain/dataset/asked-files.ts';
import { refused } from '../../../domain/failure/command-failure.ts';
import { printable } from '../../../domain/failure/printable.ts';
import { driveFileOf, isDriveId } from '../../../domain/network/drive-file.ts';
import { shown } from '../values/option-values.ts';

const names = zipKeys.map(nameOf);
const listed = names.join(', ');

export function addZipFlags(command: Command): Command {
  return command
    .option('--zips [names]', `download whole folders as ZIP archives: all, or some of ${listed}`)
    .option(
      '--zip-id <name=id>',
      'id or link of an archive on Google Drive, such as tfrecords=ID (repeatable)',
      (value: string, before: readonly string[] = []) => [...before, value],
    );
}

/** The archives that are asked for; undefined: none is, or all, from where the reference has them. */
export function readZips(values: OptionValues): ZipsRequest | undefined {
  const given: unknown = values.zips;
  const idTexts: readonly string[] = Array.isArray(values.zipId) ? values.zipId : [];
  if (given === undefined || given === false) {
    if (idTexts.length > 0) throw refused('flag [--zip-id]: expected with --zips, got it without');
    return undefined;
  }
  const chosen = typeof given === 'string' ? given.split(',').map(keyOf) : zipKeys;
  const ids = new Map(idTexts.map(readId));
  for (const key of ids.keys()) {
    if (chosen.includes(key)) continue;
    throw refused(`flag [--zip-id]: expected an archive that --zips names, got ${key}`);
  }
  if (ids.size === 0 && chosen.length === zipKeys.length) return undefined;
  const asked = zipKeys.filter((key) => chosen.includes(key));
  return Object.fromEntries(asked.map((key): [string, ZipRequest] => [key, idOf(ids.get(key))]));
}

function idOf(id: string | undefined): ZipRequest {
  return id === undefined ? {} : { id };
}

/** With `.zip` or without. */
function keyOf(text: string): string {
  const key = `${text.trim().replace(/\.zip$/, '')}.zip`;
  if (zipKeys.includes(key)) return key;
  throw refused(
    `flag [--zips]: expected some of ${listed}, with commas between, got ${text === '' ? 'nothing' : printable(text, 80)}`,
  );
}

function readId(text: string): readonly [key: string, id: string] {
  const at = text.indexOf('=');
  const key = `${text.slice(0, Math.max(0, at)).replace(/\.zip$/, '')}.zip`;
  const own = text.slice(at + 1);
  const id = isDriveId(own) ? own : URL.canParse(own) ? driveFileOf(new URL(own))?.id : undefined;
  if (zipKeys.includes(key) && id !== undefined) return [key, id];
  throw refused(
    `flag [--zip-id]: expected NAME=ID, NAME one of ${listed} and ID an id or link of Google Drive, got ${shown(text)}`,
  );
}

/** The flags that ask for the same; `--zips` among them. */
export function zipFlagsOf(zips: ZipsRequest | undefined): string[] {
  if (zips === undefined) return ['--zips'];
  const { asked, ids } = namedIn(zips);
  return [
    asked.length === zipKeys.length ? '--zips' : `--zips=${asked.join(',')}`,
    ...ids.flatMap((id) => ['--zip-id', id]),
  ];
}

/** What {@link readZips} would have read. */
export function zipValues(zips: ZipsRequest): OptionValues {
  const { asked, ids } = namedIn(zips);
  return { zips: asked.join(','), ...(ids.length === 0 ? {} : { zipId: ids }) };
}

/** Without `.zip`, as people name them. */
function namedIn(zips: ZipsRequest): { readonly asked: readonly string[]; readonly ids: readonly string[] } {
  const asked = zipKeys.filter((key) => Object.hasOwn(zips, key));
  const ids = asked.flatMap((key) => {
    const id = zips[key]?.id;
    return id === undefined ? [] : [`${nameOf(key)}=${id}`];
  });
  return { asked: asked.map(nameOf), ids };
}

function nameOf(key: string): string {
  return key.replace(/\.zip$/, '');
}

import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import {
  chain,
  chainOf,
  definitionOf,
  namesOfChain,
  sourceDefinitions,
  sourcesIn,
} from '../../activities/sources/index.ts';
import { USUAL_PATIENCE } from '../../domain/chain/patience.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { refusalOfPath } from '../../domain/network/request-url.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import { HOUR, SECOND } from '../../domain/run/time-units.ts';
import { servedNames } from '../../stand-in/served/served-names.ts';
import { fetchedZips, refuseUnfetchedZips } from './archives/fetched-zips.ts';
import { attributeOf } from './flag-spelling.ts';
import { duration, httpUrl, oneOf } from './values/option-values.ts';
import type { Folders } from './values/out-folder.ts';

const names = sourceDefinitions.map(({ name }) => name);

/** Every flag that says where the files come from. */
export const sourceFlags: readonly string[] = [
  '--source',
  ...[...sourceDefinitions, chain].flatMap(({ flags }) => flags.map(({ flag }) => flag)),
];

/** Of these, those that the sample's own sources take too. */
export const sampleSourceFlags: readonly string[] = [
  '--source',
  ...chain.flags.map(({ flag }) => flag),
  ...sourceDefinitions.flatMap(({ flags }) =>
    flags.flatMap(({ flag, ofSample }) => (ofSample ? [flag] : [])),
  ),
];

export function addSourceFlags(command: Command): Command {
  const listed = names.join(', ').replace(/, (?=[^,]*$)/, ' or ');
  command.option(
    '--source <names>',
    `${listed}, or several of them with commas, the first choice first (default: "${names[0]}")`,
  );
  for (const { name, flags } of [...sourceDefinitions, { ...chain, name: 'several sources' }]) {
    for (const { flag, value, help, isList } of flags) {
      const spelled = [`${flag} ${value}`, `${name}: ${help}`] as const;
      if (isList) command.option(...spelled, collect);
      else command.option(...spelled);
    }
  }
  return command;
}

/** By which sources the sample is asked for: those of `--source`, or the first. */
export function readSourceOfSample(values: OptionValues): SourceRequest {
  const value: unknown = values[attributeOf('--source')];
  const asked = namesOfChain(typeof value === 'string' ? value : (names[0] ?? ''));
  const [only = { name: '' }, ...others] = asked.map((name) => ({
    name: servedName(name),
    ...fieldsOfSample(values, name),
  }));
  refuseStrayOfSample(values, asked);
  if (others.length === 0) return only;
  if (new Set(asked).size < asked.length)
    throw refused(`flag [--source]: expected each source once, got ${asked.join(',')}`);
  const [flag = ''] = chain.flags.map((one) => one.flag);
  const patience: unknown = values[attributeOf(flag)];
  const given =
    typeof patience === 'string' ? duration(flag, SECOND, 7 * 24 * HOUR)(patience) : USUAL_PATIENCE;
  return chainOf([only, ...others], given);
}

/** What the sample's own flags of a source say. */
function fieldsOfSample(values: OptionValues, name: string): Readonly<Record<string, string>> {
  const flags = sourceDefinitions.find((one) => one.name === name)?.flags ?? [];
  const fields = flags.flatMap(({ flag, ofSample }) => {
    const value: unknown = values[attributeOf(flag)];
    if (ofSample === undefined || typeof value !== 'string') return [];
    return [[ofSample.field, oneOf(`${flag} with --sample`, ofSample.values)(value)] as const];
  });
  return Object.fromEntries(fields);
}

function refuseStrayOfSample(values: OptionValues, asked: readonly string[]): void {
  for (const { name, flags } of sourceDefinitions) {
    const stray = flags.find(({ flag }) => !asked.includes(name) && values[attributeOf(flag)] !== undefined);
    if (stray !== undefined)
      throw refused(`flag [${stray.flag}]: expected with --source ${name}, got --source ${asked.join(',')}`);
  }
}

function servedName(asked: string): string {
  const name = oneOf('--source', names)(asked);
  const ofDrive = sourceDefinitions.filter(({ ofSample }, nth) => nth === 0 || ofSample);
  const served = [...ofDrive.map((definition) => definition.name), ...servedNames];
  if (served.includes(name)) return name;
  throw refused(`flag [--source]: expected one of ${served.join(', ')} with --sample, got ${name}`);
}

/** The source that was named, or the one whose flag was given, or the first. */
export function readSource(values: OptionValues, folders: Folders): SourceRequest {
  const texts = (flag: string): readonly string[] => {
    const value: unknown = values[attributeOf(flag)];
    return [value].flat().filter((one) => typeof one === 'string');
  };
  const text = (flag: string): string | undefined => texts(flag)[0];
  const given = sourceDefinitions.flatMap(({ name, flags }) =>
    flags.filter(({ flag }) => text(flag) !== undefined).map(({ flag }) => ({ name, flag })),
  );
  const named = text('--source') ?? given[0]?.name ?? names[0] ?? '';
  const asked = namesOfChain(named).map(oneOf('--source', names));
  const stray = given.find((one) => !asked.includes(one.name));
  if (stray !== undefined)
    throw refused(`flag [${stray.flag}]: expected with --source ${stray.name}, got --source ${named}`);
  const [only = '', ...others] = asked;
  const ofSeveral = chain.flags.find(({ flag }) => text(flag) !== undefined);
  if (others.length === 0 && ofSeveral !== undefined)
    throw refused(`flag [${ofSeveral.flag}]: expected with several sources, got --source ${only}`);
  const definition = others.length === 0 ? definitionOf({ name: only }) : chain;
  return definition.read({
    text,
    time(flag, from, to) {
      const value = text(flag);
      return value === undefined ? undefined : duration(flag, from, to)(value);
    },
    texts: (flag) => texts(flag).flatMap((value) => value.split(/,(?=https?:\/\/)/i)),
    url(flag, value = text(flag)) {
      return value === undefined ? undefined : httpUrl(flag)(value);
    },
    folder(flag) {
      const value = text(flag);
      return value === undefined || value === '' ? undefined : pathOf(flag, value, folders);
    },
    places(flag) {
      const value = text(flag);
      if (value === undefined) return undefined;
      const given = value.split(',').map((place) => place.trim());
      return given.filter((place) => place !== '').map((place) => placeOf(flag, place, folders));
    },
    fetchedZips: () => fetchedZips(values, folders),
    refused: (flag, problem) => refused(`flag [${flag}]: ${problem}`),
  });
}

/** Archives that no flag names must have been fetched. */
export function refuseUnfetched(values: OptionValues, folders: Folders, source: SourceRequest): void {
  const flags = sourcesIn(source).flatMap((member) => definitionOf(member).flags);
  for (const { flag, otherwise } of flags)
    if (otherwise === 'fetched zips' && values[attributeOf(flag)] === undefined)
      refuseUnfetchedZips(flag, fetchedZips(values, folders));
}

/** The source by which the sample is asked for, where another one than Drive is named that its stand-in serves. */
export function sourceOfSample(source: SourceRequest, urlOf: (name: string) => string): SourceRequest {
  return definitionOf(source).ofSample?.(urlOf) ?? source;
}

/** A path seen from where the command was given, or a URL. */
function placeOf(flag: string, place: string, folders: Folders): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(place) ? httpUrl(flag)(place).href : pathOf(flag, place, folders);
}

/** A path, seen from where the command was given; a URL in its place may hold a password, which would be kept. */
function pathOf(flag: string, path: string, folders: Folders): string {
  const problem = refusalOfPath(path);
  if (problem !== undefined) throw refused(`flag [${flag}]: ${problem}`);
  return resolve(folders.given, path);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

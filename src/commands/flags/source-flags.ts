import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { definitionOf, sourceDefinitions } from '../../activities/sources/index.ts';
import { driveUrl } from '../../domain/dataset/reference-files.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { SourceRequest } from '../../domain/run/request.ts';
import { attributeOf } from './flag-spelling.ts';
import { httpUrl, oneOf } from './values/option-values.ts';
import type { Folders } from './values/out-folder.ts';

const names = sourceDefinitions.map(({ name }) => name);

/** Every flag that says where the files come from. */
export const sourceFlags: readonly string[] = [
  '--source',
  ...sourceDefinitions.flatMap(({ flags }) => flags.map(({ flag }) => flag)),
];

export function addSourceFlags(command: Command): Command {
  const listed = names.join(', ').replace(/, (?=[^,]*$)/, ' or ');
  command.option('--source <name>', `${listed} (default: "${names[0]}")`);
  for (const { name, flags } of sourceDefinitions) {
    for (const { flag, value, help } of flags) command.option(`${flag} ${value}`, `${name}: ${help}`);
  }
  return command;
}

/** The source that was named, or the one whose flag was given, or the first. */
export function readSource(values: OptionValues, folders: Folders): SourceRequest {
  const text = (flag: string): string | undefined => {
    const value: unknown = values[attributeOf(flag)];
    return typeof value === 'string' ? value : undefined;
  };
  const given = sourceDefinitions.flatMap(({ name, flags }) =>
    flags.filter(({ flag }) => text(flag) !== undefined).map(({ flag }) => ({ name, flag })),
  );
  const named = text('--source') ?? given[0]?.name ?? names[0] ?? '';
  const name = oneOf('--source', names)(named);
  const stray = given.find((one) => one.name !== name);
  if (stray !== undefined)
    throw refused(`flag [${stray.flag}]: expected with --source ${stray.name}, got --source ${name}`);
  const definition = definitionOf({ name });
  // Where its files lie is not known before it is served.
  if (values.sample === true && definition.ofSample) return definition.ofSample(() => driveUrl('sample'));
  return definition.read({
    text,
    url(flag) {
      const value = text(flag);
      return value === undefined ? undefined : httpUrl(flag)(value);
    },
    folder(flag) {
      const value = text(flag);
      return value === undefined || value === '' ? undefined : resolve(folders.given, value);
    },
    places(flag) {
      const value = text(flag);
      if (value === undefined) return undefined;
      const given = value.split(',').filter((place) => place !== '');
      return given.map((place) => placeOf(flag, place, folders));
    },
    refused: (flag, problem) => refused(`flag [${flag}]: ${problem}`),
  });
}

/** The source by which the sample is asked for, where another one than Drive is named that its stand-in serves. */
export function sourceOfSample(source: SourceRequest, urlOf: (name: string) => string): SourceRequest {
  return definitionOf(source).ofSample?.(urlOf) ?? source;
}

/** Flags of sources that the sample does without: it has files of its own, and may be asked by another source for them. */
export function sourceFlagsWithoutSample(values: OptionValues): readonly string[] {
  const isServed = sourceDefinitions.some(({ name, ofSample }) => name === values.source && ofSample);
  return isServed ? sourceFlags.filter((flag) => flag !== '--source') : sourceFlags;
}

/** A path seen from where the command was given, or a URL. */
function placeOf(flag: string, place: string, folders: Folders): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(place) ? httpUrl(flag)(place).href : resolve(folders.given, place);
}

import type { SourceFlagReader } from '../../../src/activities/sources/contract/source-definition.ts';

/** A command line on which exactly these flags were given. */
export function flagsGiven(flags: Readonly<Record<string, string>>): SourceFlagReader {
  return {
    text: (flag) => flags[flag],
    texts: (flag) => flags[flag]?.split(',') ?? [],
    url: (flag, text = flags[flag]) => (text === undefined ? undefined : new URL(text)),
    folder: (flag) => (flags[flag] === undefined ? undefined : `/given/${flags[flag]}`),
    places: (flag) =>
      flags[flag]?.split(',').map((place) => (place.includes(':') ? place : `/given/${place}`)),
    time: (flag) => (flags[flag] === undefined ? undefined : Number.parseInt(flags[flag], 10) * 60_000),
    fetchedZips: () => [],
    refused: (flag, problem) => new Error(`flag [${flag}]: ${problem}`),
  };
}

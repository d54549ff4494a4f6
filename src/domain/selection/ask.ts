import { type TaskKind, taskKinds } from '../kinds.ts';
import { parsedJson } from '../parsed-json.ts';
import {
  type Check,
  ids,
  keptOf,
  listOf,
  object,
  oneOf,
  optional,
  sha256,
  tableOf,
  whole,
} from '../signing/checks.ts';
import { formatCount } from '../words/format.ts';
import { type LicenseWord, licenseWords } from './licenses.ts';
import { splitNames } from './splits.ts';

export const categories = ['training', 'validation'] as const;
export type Category = (typeof categories)[number];

/**
 * Which records are wanted: those of which all of this holds; of them `pick`, and of those the first `limit`. It holds no
 * name of a person, and is not small: workflows are told its digest, and it lies in the dataset folder.
 */
export interface SelectionAsk {
  /** As ranges. */
  readonly ids?: string;
  /** Spellings of `splitNames`: of any of them. */
  readonly splits?: readonly string[];
  readonly categories?: readonly Category[];
  readonly underLicenses?: readonly LicenseWord[];
  /** In lower case; `''`: unknown. */
  readonly countries?: readonly string[];
  /** SHA-256 of accounts and names, each in lower case: see author-key.ts. */
  readonly authors?: readonly string[];
  readonly pick?: number;
  /** With `pick`. */
  readonly seed?: number;
  readonly limit?: number;
  /** Of each kind other records, and nothing else: what a folder was filled with. */
  readonly idsOf?: Readonly<Partial<Record<TaskKind, string>>>;
}

/** Bounds on what may be asked. */
export const mostOfAsk = {
  countries: 250,
  country: 100,
  authors: 100_000,
  seed: 2 ** 32 - 1,
  pick: 100_000,
} as const;

/** The text of the largest one: a hundred thousand authors. */
export const MOST_ASK_BYTES = 16 * 1024 ** 2;

const country: Check = (value) =>
  typeof value === 'string' && value.length <= mostOfAsk.country && value === value.toLowerCase()
    ? undefined
    : 'a country in lower case';

const ask = object({
  ids: optional(ids),
  splits: optional(listOf(oneOf(splitNames), splitNames.length)),
  categories: optional(listOf(oneOf(categories), categories.length)),
  underLicenses: optional(listOf(oneOf(licenseWords), licenseWords.length)),
  countries: optional(listOf(country, mostOfAsk.countries)),
  authors: optional(listOf(sha256, mostOfAsk.authors)),
  pick: optional(whole(1, mostOfAsk.pick)),
  seed: optional(whole(0, mostOfAsk.seed)),
  limit: optional(whole(1, mostOfAsk.pick)),
  idsOf: optional(tableOf(ids, taskKinds)),
});

/** What is wrong with somebody's ask, after "expected"; undefined: nothing. */
export function problemOfAsk(value: unknown): string | undefined {
  return ask(value);
}

/** An ask as {@link askText} wrote it; undefined of any other text. */
export function parseAsk(text: string): SelectionAsk | undefined {
  const value = parsedJson(text);
  return ask(value) === undefined ? keptAsk(value) : undefined;
}

/** Without whatever else is in it; of one that was checked. */
export function keptAsk(value: unknown): SelectionAsk {
  return keptOf(ask, value) as SelectionAsk;
}

/** Equal texts are equal asks: what is absent is left out, the rest is in one order. */
export function askText(given: SelectionAsk): string {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** A part of an ask, as people would ask for it on the command line. */
export interface AskedPart {
  readonly field: keyof SelectionAsk;
  readonly words: string;
}

/** Longer lists are told by their length. */
const MOST_LISTED = 60;

/** In the order in which they are applied. */
export function partsOfAsk(given: SelectionAsk): readonly AskedPart[] {
  const parts: AskedPart[] = [];
  const say = (field: keyof SelectionAsk, words: string) => parts.push({ field, words });
  if (given.ids !== undefined)
    say('ids', `--ids ${given.ids.length <= MOST_LISTED ? given.ids : 'of a list'}`);
  if (given.splits) say('splits', `--split ${given.splits.join(',')}`);
  if (given.categories) say('categories', `--category ${given.categories.join(',')}`);
  if (given.underLicenses) say('underLicenses', `--license ${given.underLicenses.join(',')}`);
  if (given.countries) {
    const all = given.countries.map((one) => one || UNKNOWN_COUNTRY).join(',');
    say('countries', `--country ${all.length <= MOST_LISTED ? all : `of ${given.countries.length}`}`);
  }
  if (given.authors) say('authors', `--author-from a list of ${formatCount(given.authors.length)}`);
  if (given.pick !== undefined) say('pick', `--pick ${given.pick} --seed ${given.seed ?? 0}`);
  if (given.limit !== undefined) say('limit', `--limit ${given.limit}`);
  return parts;
}

/** How the country of a record that names none is asked for. */
export const UNKNOWN_COUNTRY = 'unknown';

/** In one line, without names of people. */
export function askWords(given: SelectionAsk): string {
  if (given.idsOf) return 'the records that this folder was filled with';
  return partsOfAsk(given)
    .map(({ words }) => words)
    .join(' ');
}

import { sha256Of } from '../dataset/digest.ts';
import type { Md5 } from '../dataset/ids.ts';
import { parsedJson } from '../parsed-json.ts';
import { canonicalJson } from '../run/request.ts';
import {
  type Check,
  ids,
  isoTime,
  keptOf,
  listOf,
  md5,
  object,
  optional,
  sentenceOf,
  sha256,
  whole,
} from '../signing/checks.ts';

/*
 * What is let go: never fetched, aligned or missed again. A list only grows. It names records of one manifest by their ids,
 * and people and photographs by what stands for them (author-key.ts, photo-key.ts): it can be given away without telling
 * anybody whom it is about, and means the same for every copy of the dataset.
 */

/** What was excluded by one command. */
export interface ExclusionEntry {
  /** ISO 8601. */
  readonly at: string;
  /** In somebody's words; never in a run's input or a log. */
  readonly reason?: string;
  /** Records of the manifest `manifestMd5`, as ranges. */
  readonly ids?: string;
  readonly manifestMd5?: Md5;
  /** Keys of accounts on Flickr: all of their photographs. */
  readonly accounts?: readonly string[];
  /** Keys of accounts or names. */
  readonly authors?: readonly string[];
  /** Keys of photographs. */
  readonly photos?: readonly string[];
}

export interface ExclusionList {
  /** One more with each command that excluded something. */
  readonly version: number;
  readonly entries: readonly ExclusionEntry[];
  /** SHA-256 over the entries, each with the digest before it: a list that grew still has those of before. */
  readonly digest: string;
}

const EXCLUSION_FORMAT = 'ffhq-exclusions';
const SCHEMA = 1;

/** Bounds on a list, whoever made it. */
export const mostOfExclusions = { entries: 10_000, keys: 100_000, reason: 500 } as const;

/** Of the text of one. */
export const MOST_EXCLUSION_BYTES = 64 * 1024 ** 2;

export const noExclusions: ExclusionList = { version: 0, entries: [], digest: sha256Of(EXCLUSION_FORMAT) };

const reason: Check = (value) =>
  typeof value === 'string' && value.length <= mostOfExclusions.reason && !/\p{Cc}/u.test(value)
    ? undefined
    : `a line of at most ${mostOfExclusions.reason} characters`;

const keys = listOf(sha256, mostOfExclusions.keys);

const entry = object({
  at: isoTime,
  reason: optional(reason),
  ids: optional(ids),
  manifestMd5: optional(md5),
  accounts: optional(keys),
  authors: optional(keys),
  photos: optional(keys),
});

const list = object({
  format: (value) => (value === EXCLUSION_FORMAT ? undefined : EXCLUSION_FORMAT),
  schema: whole(SCHEMA, SCHEMA),
  version: whole(0, mostOfExclusions.entries),
  digest: sha256,
  entries: listOf(entry, mostOfExclusions.entries),
});

/** The digests of a list as it grew, the last of them its own. */
export function digestsOf(entries: readonly ExclusionEntry[]): readonly string[] {
  const digests = [noExclusions.digest];
  for (const each of entries) digests.push(sha256Of(`${digests.at(-1)}\n${canonicalJson(each)}`));
  return digests;
}

/** With what is new of these: an entry that says what another one says already is left out. */
export function withEntries(before: ExclusionList, added: readonly ExclusionEntry[]): ExclusionList {
  const said = new Set(before.entries.map(meaningOf));
  const entries = [...before.entries];
  for (const each of added) {
    if (isEmpty(each) || said.has(meaningOf(each))) continue;
    said.add(meaningOf(each));
    entries.push(each);
  }
  if (entries.length === before.entries.length) return before;
  return { version: before.version + 1, entries, digest: digestsOf(entries).at(-1) ?? '' };
}

function meaningOf({ at: _, ...rest }: ExclusionEntry): string {
  return canonicalJson(rest);
}

function isEmpty({ ids = '', accounts = [], authors = [], photos = [] }: ExclusionEntry): boolean {
  return ids === '' && accounts.length + authors.length + photos.length === 0;
}

export function exclusionText({ version, entries, digest }: ExclusionList): string {
  return JSON.stringify({ format: EXCLUSION_FORMAT, schema: SCHEMA, version, digest, entries });
}

/** A list as {@link exclusionText} wrote it, or what is wrong with the text, which is not repeated. */
export function parseExclusions(text: string): ExclusionList | { readonly problem: string } {
  const value = parsedJson(text);
  const problem = list(value);
  if (problem !== undefined) return { problem: sentenceOf('exclusion list', problem) };
  const { version, entries, digest } = keptOf(list, value) as ExclusionList;
  if (entries.some((each) => (each.ids === undefined) !== (each.manifestMd5 === undefined)))
    return { problem: 'exclusion list: expected ids with the MD5 of their manifest, got one of both' };
  if (digestsOf(entries).at(-1) !== digest)
    return { problem: 'exclusion list [digest]: expected that of its entries, got another' };
  return { version, entries, digest };
}

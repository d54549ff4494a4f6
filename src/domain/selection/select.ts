import { md5Of } from '../dataset/digest.ts';
import { formatIds, type ImageId, MAX_IMAGE_ID, parseIds } from '../dataset/ids.ts';
import { ManifestError } from '../dataset/manifest.ts';
import { type TaskKind, taskKinds } from '../kinds.ts';
import type { IdsOfKinds } from '../run/request.ts';
import { formatCount } from '../words/format.ts';
import { type AskedPart, partsOfAsk, type SelectionAsk } from './ask.ts';
import { AuthorKeys, accountOf } from './author-key.ts';
import { licenseOf } from './licenses.ts';
import { selectionOf } from './selection-of.ts';
import { idsOfSplit } from './splits.ts';

/** What is selected by, of a record of the manifest; a field that it lacks is empty. */
export interface RecordFacts {
  readonly id: ImageId;
  readonly category: string;
  readonly licenseUrl: string;
  readonly country: string;
  readonly author: string;
  readonly photoUrl: string;
}

/** The records that an ask selects of a manifest. */
export interface Selected {
  /** As ranges; empty where each kind has its own. */
  readonly ids: string;
  /** Of each kind its own; a kind without an entry: all. */
  readonly idsOf?: IdsOfKinds;
  readonly records: number;
  /** Records of the manifest. */
  readonly of: number;
  /** How many were left after each part. */
  readonly steps: readonly { readonly part: string; readonly left: number }[];
  /** SHA-256 of the ids that the folder let go, which do not count; absent where it let none go. */
  readonly leftOut?: string;
}

type Test = (facts: RecordFacts) => boolean;

/**
 * Picks the records of a manifest that an ask wants, one record at a time, in bounded memory. The same ask and manifest
 * select the same on every machine.
 */
export class Selector {
  readonly #ask: SelectionAsk;
  readonly #tests: readonly { readonly part: AskedPart; readonly test: Test }[];
  /** Records that each test was the first to refuse. */
  readonly #refused: number[];
  readonly #left: ImageId[] = [];
  readonly #all: ImageId[] = [];
  readonly #keys = new AuthorKeys();

  constructor(ask: SelectionAsk) {
    this.#ask = ask;
    this.#tests = partsOfAsk(ask).flatMap((part) => {
      const test = this.#testOf(part.field);
      return test === undefined ? [] : [{ part, test }];
    });
    this.#refused = this.#tests.map(() => 0);
  }

  /** Ids must ascend. */
  add(facts: RecordFacts): void {
    this.#all.push(facts.id);
    const first = this.#tests.findIndex(({ test }) => !test(facts));
    if (first === -1) this.#left.push(facts.id);
    else this.#refused[first] = (this.#refused[first] ?? 0) + 1;
  }

  /** Throws a ManifestError that names the part that left no record. */
  finish(): Selected {
    const of = this.#all.length;
    if (this.#ask.idsOf !== undefined) return this.#held(this.#ask.idsOf, of);
    let left = of;
    const steps = this.#tests.map(({ part }, nth) => {
      left -= this.#refused[nth] ?? 0;
      return { part: part.words, left };
    });
    refuseNone(steps, of);
    const { pick, seed = 0, limit } = this.#ask;
    const picked = pick === undefined ? this.#left : pickedOf(this.#left, pick, seed);
    const limited = picked.slice(0, limit);
    for (const { field, words } of partsOfAsk(this.#ask)) {
      if (field === 'pick') steps.push({ part: words, left: picked.length });
      if (field === 'limit') steps.push({ part: words, left: limited.length });
    }
    return { ids: formatIds(limited), records: limited.length, of, steps };
  }

  #held(idsOf: IdsOfKinds, of: number): Selected {
    const any = new Set<ImageId>();
    const kept: Partial<Record<TaskKind, string>> = {};
    for (const kind of taskKinds) {
      const ids = idsOf[kind];
      if (ids === undefined) continue;
      const there = this.#all.filter(selectionOf(ids));
      for (const id of there) any.add(id);
      kept[kind] = formatIds(there);
    }
    return { ids: '', idsOf: kept, records: any.size, of, steps: [] };
  }

  #testOf(field: keyof SelectionAsk): Test | undefined {
    const { ids, splits, categories, underLicenses, countries, authors } = this.#ask;
    switch (field) {
      case 'ids':
        return onIds(selectionOf(ids));
      case 'splits':
        return onIds(selectionOf(unionOf(splits ?? [])));
      case 'categories':
        return ({ category }) => categories?.some((one) => one === category) === true;
      case 'underLicenses':
        return ({ licenseUrl }) => {
          const license = licenseOf(licenseUrl);
          return license !== undefined && underLicenses?.includes(license) === true;
        };
      case 'countries':
        return ({ country }) => countries?.includes(country.trim().toLowerCase()) === true;
      case 'authors': {
        const wanted = new Set(authors);
        return ({ author, photoUrl }) =>
          [author, accountOf(photoUrl)].some((name) => name !== undefined && wanted.has(this.#keys.of(name)));
      }
      case 'pick':
      case 'seed':
      case 'limit':
      case 'idsOf':
        return undefined;
      default:
        return field satisfies never;
    }
  }
}

function onIds(isAsked: (id: ImageId) => boolean): Test {
  return ({ id }) => isAsked(id);
}

function unionOf(splits: readonly string[]): string {
  const isIn = new Uint8Array(MAX_IMAGE_ID + 1);
  for (const split of splits) {
    for (const id of (idsOfSplit(split) ?? []).flatMap(parseIds)) isIn[id] = 1;
  }
  const all = Array.from({ length: isIn.length }, (_, id) => id as ImageId);
  return formatIds(all.filter((id) => isIn[id] === 1));
}

/**
 * The `count` ids for which the MD5 of `SEED:ID` (in decimal digits) sorts first, ascending: the same in every language and
 * on every machine, and a larger pick holds a smaller one.
 */
function pickedOf(ids: readonly ImageId[], count: number, seed: number): readonly ImageId[] {
  if (count >= ids.length) return ids;
  const drawn = ids.map((id) => ({ id, place: md5Of(Buffer.from(`${seed}:${id}`)) }));
  drawn.sort((a, b) => (a.place < b.place ? -1 : 1));
  return drawn
    .slice(0, count)
    .map(({ id }) => id)
    .sort((a, b) => a - b);
}

/** Says which part left nothing, and what those before it had left. */
function refuseNone(steps: Selected['steps'], of: number): void {
  const nth = steps.findIndex(({ left }) => left === 0);
  const emptied = steps[nth];
  if (emptied === undefined) return;
  const before = steps.slice(0, nth).map(({ part, left }) => `${part} left ${formatCount(left)}`);
  const had = [`of ${formatCount(of)} records`, ...before].join(', ');
  throw new ManifestError(
    `selection [${emptied.part}]: expected records, got none: ${had}, and this part none`,
  );
}

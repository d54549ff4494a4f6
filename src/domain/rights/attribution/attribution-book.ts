import { formatImageId } from '../../dataset/ids.ts';
import { kindMadeOf, type ShardKind, shardRow } from '../../kinds.ts';
import { quotedLine } from '../../quoting/quoted.ts';
import { type LicenseWord, licenseWords } from '../../selection/licenses.ts';
import type { DescribedRecord } from '../described-record.ts';
import { licenseFacts } from '../license-facts.ts';

/** Characters of a field: Flickr's longest title has 255. What is longer ends with `...`. */
export const MOST_FIELD = 300;

/** Of one picture in the folder, whose photograph it is; printable text that has yet to be escaped. */
export interface Credit {
  /** `00042`. */
  readonly id: string;
  readonly title: string;
  readonly author: string;
  readonly account: string;
  readonly photoUrl: string;
  /** Of the manifest, where it is none of the dataset's five; empty otherwise. */
  readonly license: string;
  readonly licenseUrl: string;
  /** What was done to the photograph; licences ask that it be said. */
  readonly change: string;
  /** What lies in the folder of it, paths below it, apart by spaces: they are plain. */
  readonly files: string;
}

/** A file that lies in the folder. */
export interface PresentFile {
  readonly kind: ShardKind;
  readonly path: string;
}

/** What a licence's pictures share. */
export interface CreditGroup {
  readonly word: LicenseWord | 'other';
  readonly heading: string;
  readonly spdx: string;
  /** Empty: there is none that can be relied on. */
  readonly url: string;
  readonly records: number;
  readonly credits: Iterable<Credit>;
}

export interface AttributionBook {
  readonly records: number;
  readonly groups: readonly CreditGroup[];
}

const CHANGED = 'cropped, aligned, resized';

/** No text that is printable has it. */
const APART = '\0';

/**
 * Gathers whose the pictures are, one record at a time, in a few hundred bytes each; the same records make the same book in
 * whatever order they come.
 */
export class AttributionBooks {
  /** Each as one text, which takes a fifth of what its fields take, and begins with what it is sorted by. */
  readonly #credits = new Map<LicenseWord | 'other', string[]>();
  #records = 0;

  add(record: DescribedRecord, present: readonly PresentFile[]): void {
    const { licenseWord } = record;
    const field = (text: string) => quotedLine(text, MOST_FIELD);
    const [author, account] = [field(record.author), field(record.account)];
    const id = formatImageId(record.id);
    const isOther = licenseWord === undefined;
    const credit = [
      ...[author.toLowerCase(), account.toLowerCase(), id, field(record.title), author, account],
      ...[
        field(record.photoUrl),
        isOther ? field(record.license) : '',
        isOther ? field(record.licenseUrl) : '',
      ],
      ...[changeOf(present.map(({ kind }) => kind)), present.map(({ path }) => path).join(' ')],
    ];
    const word = licenseWord ?? 'other';
    const credits = this.#credits.get(word) ?? [];
    this.#credits.set(word, credits);
    credits.push(credit.join(APART));
    this.#records += 1;
  }

  /** Grouped by licence; in a group by author, then by account, then by id. */
  finish(): AttributionBook {
    const groups = [...licenseWords, 'other' as const].flatMap((word): CreditGroup[] => {
      const credits = this.#credits.get(word)?.sort();
      if (credits === undefined) return [];
      return [
        {
          word,
          ...headOf(word),
          records: credits.length,
          credits: { [Symbol.iterator]: () => told(credits) },
        },
      ];
    });
    return { records: this.#records, groups };
  }
}

function* told(credits: readonly string[]): Generator<Credit> {
  for (const text of credits) {
    const [, , id = '', title = '', author = '', account = '', photoUrl = '', ...rest] = text.split(APART);
    const [license = '', licenseUrl = '', change = '', files = ''] = rest;
    yield { id, title, author, account, photoUrl, license, licenseUrl, change, files };
  }
}

function headOf(word: LicenseWord | 'other'): Pick<CreditGroup, 'heading' | 'spdx' | 'url'> {
  if (word === 'other')
    return { heading: "Other licences, in the manifest's words", spdx: 'NOASSERTION', url: '' };
  const { name, spdx, url } = licenseFacts[word];
  return { heading: name, spdx, url };
}

/** The manifest's cropped pictures and those aligned here are changed; the originals are not, but that they are PNG. */
function changeOf(kinds: readonly ShardKind[]): string {
  // What others are made of is as it came.
  const originals = kinds.filter((kind) => kindMadeOf(kind) !== undefined);
  const [original] = originals;
  if (original === undefined) return CHANGED;
  return originals.length === kinds.length ? 'none' : `${CHANGED}; ${shardRow(original).folder}: none`;
}

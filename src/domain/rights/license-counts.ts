import { type LicenseWord, licenseWords } from '../selection/licenses.ts';
import { type LicenseFacts, licenseFacts } from './license-facts.ts';
import { type LicenseTerms, licenseTerms } from './license-terms.ts';

/** A licence of the five, how many records are under it, and what it asks. */
export interface CountedLicense extends LicenseFacts, LicenseTerms {
  readonly license: LicenseWord;
  readonly records: number;
}

/** A licence that the dataset does not have, as the records have it. */
export interface OtherLicense {
  readonly name: string;
  readonly url: string;
  readonly records: number;
}

/** Names of others are untrusted, and need not be few. */
const MOST_OTHERS = 1_000;
const MOST_TEXT = 500;

/** Counts licences, one record at a time, in bounded memory. */
export class LicenseCounts {
  readonly #known = new Map<LicenseWord, number>();
  readonly #others = new Map<string, { name: string; url: string; records: number }>();
  #records = 0;
  #untold = 0;

  add(record: {
    readonly license: string;
    readonly licenseUrl: string;
    readonly licenseWord: LicenseWord | undefined;
  }): void {
    this.#records += 1;
    const { licenseWord } = record;
    if (licenseWord !== undefined) {
      this.#known.set(licenseWord, (this.#known.get(licenseWord) ?? 0) + 1);
      return;
    }
    const [name, url] = [record.license.slice(0, MOST_TEXT), record.licenseUrl.slice(0, MOST_TEXT)];
    const other = this.#others.get(`${name}\n${url}`);
    if (other !== undefined) other.records += 1;
    else if (this.#others.size < MOST_OTHERS) this.#others.set(`${name}\n${url}`, { name, url, records: 1 });
    else this.#untold += 1;
  }

  get records(): number {
    return this.#records;
  }

  /** Those that are there, the most frequent first. */
  known(): readonly CountedLicense[] {
    const counted = licenseWords.map((license) => {
      const records = this.#known.get(license) ?? 0;
      return { license, records, ...licenseFacts[license], ...licenseTerms[license] };
    });
    return counted.filter(({ records }) => records > 0).sort((a, b) => b.records - a.records);
  }

  others(): readonly OtherLicense[] {
    return [...this.#others.values()].sort((a, b) => b.records - a.records);
  }

  /** Records whose licence is among neither. */
  get untold(): number {
    return this.#untold;
  }
}

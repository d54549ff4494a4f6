import { recordsPurpose } from '../../../src/activities/records/verified-records.ts';
import { testSeal } from '../../support/test-key.ts';

/**
 * Node.js takes times as floating-point seconds and sets them in whole microseconds (libuv of Node.js 20): of all moments
 * these, so many in a second, come out to the nanosecond.
 */
export const STEPS = 64n;
export const STEP = 1_000_000_000n / STEPS;

/** A moment to the nanosecond in decimal, as verification records hold it. */
const MOMENT = /(?<!\d)\d{19}(?!\d)/g;

/**
 * Gives every moment that a file was changed at another one that can be set exactly, so that records which name it go on
 * vouching for the file when a test lays it out again.
 */
export class CoarseClock {
  readonly #given = new Map<bigint, bigint>();
  #next: bigint | undefined;
  readonly #stores: readonly string[];

  /** @param stores ids of the dataset folders whose records are rewritten */
  constructor(stores: readonly string[]) {
    this.#stores = stores;
  }

  /** The same moment always becomes the same one, and different ones differ. */
  of(moment: bigint): bigint {
    const known = this.#given.get(moment);
    if (known !== undefined) return known;
    this.#next ??= (moment / 1_000_000_000n) * 1_000_000_000n;
    const given = this.#next;
    this.#next += STEP;
    this.#given.set(moment, given);
    return given;
  }

  /** The text of a file with the moments in it that {@link of} has given; its length stays, and records stay sealed. */
  rewritten(bytes: Buffer, path: string | undefined): Buffer {
    const [, group] = /^\.ffhq\/verified\/(\w+\/[\w-]+)\//.exec(path ?? '') ?? [];
    if (group !== undefined) return this.#rewrittenRecords(bytes, group);
    const text = bytes.toString('latin1');
    const changed = this.#changed(text);
    return changed === text ? bytes : Buffer.from(changed, 'latin1');
  }

  #rewrittenRecords(bytes: Buffer, group: string): Buffer {
    const [kind = '', folder = ''] = group.split('/');
    const purposes = this.#stores.map((store) => recordsPurpose(store, kind, folder));
    const lines = bytes.toString('latin1').split('\n');
    const changed = lines.map((line) => {
      for (const purpose of purposes) {
        const record = testSeal.open(purpose, line);
        if (record !== undefined) return testSeal.close(purpose, this.#changed(record));
      }
      return this.#changed(line);
    });
    return Buffer.from(changed.join('\n'), 'latin1');
  }

  #changed(text: string): string {
    return text.replace(MOMENT, (moment) => String(this.#given.get(BigInt(moment)) ?? moment));
  }
}

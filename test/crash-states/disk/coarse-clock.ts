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

  /** A text with the moments in it that {@link of} has given; its length stays. */
  rewritten(bytes: Buffer): Buffer {
    const text = bytes.toString('latin1');
    const changed = text.replace(MOMENT, (moment) => String(this.#given.get(BigInt(moment)) ?? moment));
    return changed === text ? bytes : Buffer.from(changed, 'latin1');
  }
}

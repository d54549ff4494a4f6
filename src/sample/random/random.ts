/**
 * Seeded numbers that are the same on every machine: 32-bit integer arithmetic only, because the digests of the
 * sample depend on each of them.
 */

/** Mixes up to three integers into 32 well-spread bits. */
export function hash32(a: number, b = 0, c = 0): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ Math.imul(c + 0x165667b1, 0x27d4eb2f), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A stream of numbers for one purpose; two with the same seeds give the same stream. */
export class Random {
  #state: number;

  constructor(seed: number, purpose = 0, index = 0) {
    // Xorshift has one dead state.
    this.#state = hash32(seed, purpose, index) || 1;
  }

  /** The next 32 bits, never 0. */
  bits(): number {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s;
    return s >>> 0;
  }

  /** An integer in `[0, end)`. */
  below(end: number): number {
    return Math.floor((this.bits() / 2 ** 32) * end);
  }

  /** A number in `[from, to)`. */
  between(from: number, to: number): number {
    return from + (this.bits() / 2 ** 32) * (to - from);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('random pick: expected at least one item, got none');
    return item;
  }

  /** Lower-case hexadecimal digits, as many as asked for. */
  hex(digits: number): string {
    const text = Buffer.alloc(digits);
    for (let i = 0, left = 0; i < digits; i++, left >>>= 4) {
      if (i % 8 === 0) left = this.bits();
      text[i] = HEX.charCodeAt(left & 15);
    }
    return text.toString('latin1');
  }
}

const HEX = '0123456789abcdef';

import { logRounded } from './log-rounded.ts';

const STATE_WORDS = 624;
const MIDDLE = 397;

/**
 * `np.random.seed(seed)` and the stream of `np.random.normal(0, 1)` after it: MT19937 seeded by one 32-bit word, doubles
 * of 53 bits from two words, Marsaglia's polar method whose second value is kept for the next call (NumPy's
 * `RandomState`, frozen since 1.17 for compatibility).
 *
 * NumPy takes `log` from the C library. Ours is correctly rounded; glibc's is not always (about 6 of 10,000 results
 * differ in their last bit, and its own variants differ between processors), which moves a crop by 1e-13 pixels.
 */
export class NumpyRandom {
  readonly #state = new Uint32Array(STATE_WORDS);
  #next = STATE_WORDS;
  #kept: number | undefined;

  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed >>> 0;
    for (let i = 1; i < STATE_WORDS; i++) {
      const before = state[i - 1] as number;
      state[i] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + i;
    }
  }

  /** One draw of the standard normal distribution. */
  normal(): number {
    if (this.#kept !== undefined) {
      const kept = this.#kept;
      this.#kept = undefined;
      return kept;
    }
    for (;;) {
      const x = 2 * this.#uniform() - 1;
      const y = 2 * this.#uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * logRounded(square)) / square);
      this.#kept = factor * x;
      return factor * y;
    }
  }

  #uniform(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  }

  #word(): number {
    if (this.#next === STATE_WORDS) this.#renew();
    let word = this.#state[this.#next++] as number;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  #renew(): void {
    const state = this.#state;
    for (let i = 0; i < STATE_WORDS; i++) {
      const mixed =
        ((state[i] as number) & 0x80000000) | ((state[(i + 1) % STATE_WORDS] as number) & 0x7fffffff);
      const twist = mixed & 1 ? 0x9908b0df : 0;
      state[i] = (state[(i + MIDDLE) % STATE_WORDS] as number) ^ (mixed >>> 1) ^ twist;
    }
    this.#next = 0;
  }
}

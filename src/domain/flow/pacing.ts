import { SECOND } from '../run/time-units.ts';
import { pacificDay } from './pacific-day.ts';

/** So many at once, and then so many a second. Times are milliseconds of any clock that does not go back. */
export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #at: number | undefined;

  constructor(perSecond: number, burst: number) {
    this.#perMs = perSecond / SECOND;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Milliseconds until one could begin. */
  waitMs(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#perMs;
  }

  /** Takes one that begins after {@link waitMs}: those who come later wait behind it. */
  take(now: number): void {
    this.#fill(now);
    this.#tokens -= 1;
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - (this.#at ?? now));
    this.#at = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#perMs);
  }
}

/** The longest wait of its own is 2^4 s. */
const MOST_DOUBLINGS = 4;

/**
 * How long nobody asks after a refusal to ask so fast: 1, 2, 4, 8, 16 s and up to a second by chance, and never less than
 * the server names. A server that names a second each time is asked less and less often all the same.
 */
export class RateBackoff {
  #rounds = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /**
   * Milliseconds to wait.
   *
   * @param begunAt when the request that was refused began: those that were under way together count once
   * @param chance from 0 to 1
   * @param namedMs what the server named, if anything
   */
  refused(begunAt: number, now: number, chance: number, namedMs = 0): number {
    if (begunAt >= this.#lastAt) {
      this.#rounds += 1;
      this.#lastAt = now;
    }
    const own = 2 ** Math.min(MOST_DOUBLINGS, Math.max(0, this.#rounds - 1)) * SECOND;
    return Math.max(namedMs, own) + chance * SECOND;
  }

  /** A request that began then was not refused. */
  answered(begunAt: number): void {
    if (begunAt >= this.#lastAt) this.#rounds = 0;
  }
}

/** Bytes of a day, which begins at midnight, Pacific time. */
export class DayBudget {
  readonly #bytes: number;
  #day = '';
  #spent = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  spend(bytes: number, now: number): void {
    this.#startDay(now);
    this.#spent += bytes;
  }

  isSpent(now: number): boolean {
    this.#startDay(now);
    return this.#spent >= this.#bytes;
  }

  #startDay(now: number): void {
    const day = pacificDay(now);
    if (day === this.#day) return;
    this.#day = day;
    this.#spent = 0;
  }
}

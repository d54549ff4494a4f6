import { MINUTE, SECOND } from '../run/time-units.ts';

/** Milliseconds between two looks at a gate, at least, and at most where they tell nothing new. */
const FIRST_REST = SECOND;
const LONGEST_REST = 5 * MINUTE;

/** Whoever went back and comes to the gate again within this time (ms) got nothing done. */
const SOON = 10 * SECOND;

/**
 * Milliseconds between two looks at a gate: whatever it says, and whoever says it in its place, who waits there does not spin.
 *
 * @param inVain looks in a row that told nothing new
 */
export function restMs(inVain: number): number {
  return Math.min(LONGEST_REST, FIRST_REST * 2 ** Math.min(inVain, 20));
}

/** Looks that found a gate open at which requests are refused all the same: how long to rest before one goes back. */
export class OpenLooks {
  #inVain = 0;
  #restedAt = Number.NEGATIVE_INFINITY;
  /** When the first one in a row was (ms since the epoch). */
  since = 0;

  /** One more, at `now` (ms since the epoch); answers how long to rest. */
  rest(now: number): number {
    const isOnceMore = now - this.#restedAt <= Math.max(SOON, restMs(this.#inVain));
    this.#inVain = isOnceMore ? this.#inVain + 1 : 0;
    if (!isOnceMore) this.since = now;
    const ms = restMs(this.#inVain);
    this.#restedAt = now + ms;
    return ms;
  }
}

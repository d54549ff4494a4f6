/** Of what one source bears, in requests at once: what is left of it after a refusal. */
const LESS = 0.75;

/** Milliseconds without a new request after several were refused at once. */
const PAUSE = 500;

/** Milliseconds for which a source rests that refuses one alone; twice as long each time, up to the longest. */
const FIRST_REST = 5_000;
const LONGEST_REST = 60_000;

/** Milliseconds before what was refused is tried again; twice as long each time, up to the longest. */
const FIRST_PATIENCE = 10_000;
const LONGEST_PATIENCE = 10 * 60_000;

/**
 * How many requests at once a source bears, as one process finds out: additive increase, multiplicative decrease, without
 * a clock of its own. It begins with as many as there may be.
 *
 * - Refused (too many requests): a quarter less. Half, as is usual on networks, would use only 4 to 8 of the 8 that a source
 *   bears. Requests that were on their way already when it became less only say the same once more.
 * - Refused though it was the only one: not their number is too much, but their pace, and the source is to rest.
 * - As many fine answers as there are requests at once: one more. What was refused before is tried again only after a
 *   while, and later each time that it is refused again.
 */
export class Bearing {
  readonly #most: number;
  #value: number;
  /** Requests under way. */
  #inFlight = 0;
  #lessAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** What was refused last. */
  #refusedAt: number | undefined;
  #patience = FIRST_PATIENCE;
  /** Were there as many at once as there may be, since there may be so many? Otherwise nothing is learnt of more. */
  #isUsed = false;
  #rest = FIRST_REST;

  /** @param most of requests at once, whatever the source bears */
  constructor(most: number) {
    this.#most = most;
    this.#value = most;
  }

  /** Requests that there may be at once now. */
  get most(): number {
    return Math.floor(this.#value);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Did the source ever refuse some? */
  get isHeld(): boolean {
    return this.most < this.#most;
  }

  /** Begins a request if that may be now, and answers 0; otherwise the milliseconds until a pause is over, or Infinity. */
  begin(now: number): number {
    if (now < this.#pausedUntil) return this.#pausedUntil - now;
    if (this.#inFlight >= this.most) return Number.POSITIVE_INFINITY;
    this.#inFlight++;
    if (this.#inFlight >= this.most) this.#isUsed = true;
    return 0;
  }

  /** A request is over, however it ended. */
  end(): void {
    this.#inFlight--;
  }

  /** It was answered as it should, to its end. */
  fine(now: number): void {
    this.#rest = FIRST_REST;
    if (!this.#isUsed || this.#value >= this.#most) return;
    const grown = Math.min(this.#most, this.#value + 1 / this.most);
    const isTry = this.#refusedAt !== undefined && grown >= this.#refusedAt;
    if (isTry && now < this.#lessAt + this.#patience) {
      this.#value = Math.max(this.#value, Math.min(grown, (this.#refusedAt ?? grown) - 0.01));
      return;
    }
    // Borne for a whole round more than was refused: it has become another source.
    if (this.#refusedAt !== undefined && grown >= this.#refusedAt + 1) {
      this.#refusedAt = undefined;
      this.#patience = FIRST_PATIENCE;
    }
    if (Math.floor(grown) > this.most) this.#isUsed = false;
    this.#value = grown;
  }

  /**
   * The source refused a request that was begun at `begunAt`. Answers for how many milliseconds it is to rest: 0 where
   * others were under way, so that fewer at once may do.
   */
  refused(begunAt: number, now: number): number {
    const rest = this.#inFlight > 1 ? 0 : this.#rest;
    if (rest > 0) this.#rest = Math.min(LONGEST_REST, rest * 2);
    if (begunAt <= this.#lessAt) {
      this.#pausedUntil = this.#lessAt + PAUSE;
      return rest;
    }
    const refused = Math.max(1, Math.min(this.most, this.#inFlight));
    if (this.#refusedAt !== undefined && refused >= this.#refusedAt)
      this.#patience = Math.min(LONGEST_PATIENCE, this.#patience * 2);
    this.#refusedAt = refused;
    this.#value = Math.max(1, refused * LESS);
    this.#lessAt = now;
    return rest;
  }
}

/**
 * A token bucket, without a clock of its own. What is taken may be more than there is: then the next one waits until the
 * debt is paid, so that pieces of any size come at the rate on average.
 */
export class Bucket {
  readonly #burstMs: number;
  #rate: number;
  #tokens: number;
  #at: number;

  /**
   * @param rate tokens a second; Infinity: no limit
   * @param burstMs for how long unused tokens are kept; at least one is
   * @param now milliseconds
   */
  constructor(rate: number, burstMs: number, now: number) {
    this.#rate = rate;
    this.#burstMs = burstMs;
    this.#tokens = this.#most();
    this.#at = now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** A debt made at the old rate is paid at the new one. */
  setRate(rate: number, now: number): void {
    if (rate === this.#rate) return;
    this.#fill(now);
    this.#rate = rate;
    // Without a limit nothing is owed.
    this.#tokens = Number.isFinite(rate) ? Math.min(this.#tokens, this.#most()) : 0;
  }

  /** Takes so many if that may be now, and answers 0; otherwise the milliseconds until it may. */
  take(count: number, now: number): number {
    if (this.#rate === Number.POSITIVE_INFINITY) return 0;
    this.#fill(now);
    // Sums of fractions fall a hair short of what they should be.
    const missing = Math.min(1, this.#most()) - this.#tokens - 1e-9;
    if (missing > 0) return Math.max(1, Math.ceil((missing * 1000) / this.#rate));
    this.#tokens -= count;
    return 0;
  }

  /** Takes so many, though they are not there, unless more than `most` is owed. */
  ahead(count: number, most: number, now: number): boolean {
    this.#fill(now);
    if (this.#tokens < -most) return false;
    if (Number.isFinite(this.#rate)) this.#tokens -= count;
    return true;
  }

  #fill(now: number): void {
    if (Number.isFinite(this.#rate)) {
      const earned = (Math.max(0, now - this.#at) * this.#rate) / 1000;
      this.#tokens = Math.min(this.#most(), this.#tokens + earned);
    }
    this.#at = now;
  }

  #most(): number {
    return Number.isFinite(this.#rate) ? Math.max(1, (this.#rate * this.#burstMs) / 1000) : 0;
  }
}

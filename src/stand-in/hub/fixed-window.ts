/** So many requests in a window of so many milliseconds; the next window begins when it is over. */
export class FixedWindow {
  readonly #requests: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #beganAt = Number.NEGATIVE_INFINITY;
  #left = 0;

  /** @param now milliseconds */
  constructor(limit: { readonly requests: number; readonly windowMs: number }, now: () => number) {
    this.#requests = limit.requests;
    this.#windowMs = limit.windowMs;
    this.#now = now;
  }

  /** Counts a request; answers how many are left, below 0 where it was one too many. */
  take(): number {
    const now = this.#now();
    if (now >= this.#beganAt + this.#windowMs) {
      this.#beganAt = now;
      this.#left = this.#requests;
    }
    this.#left = Math.max(-1, this.#left - 1);
    return this.#left;
  }

  /** `RateLimit` and `RateLimit-Policy`, as of the last request. */
  headers(): Readonly<Record<string, string>> {
    const seconds = Math.ceil((this.#beganAt + this.#windowMs - this.#now()) / 1000);
    return {
      ratelimit: `"resolvers";r=${Math.max(0, this.#left)};t=${seconds}`,
      'ratelimit-policy': `"fixed window";"resolvers";q=${this.#requests};w=${Math.ceil(this.#windowMs / 1000)}`,
    };
  }
}

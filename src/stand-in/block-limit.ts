import type { BlockAnswer } from './behaviours.ts';

/** When the stand-in takes a client for a robot, and for how long. Times are milliseconds of its clock. */
export interface BlockLimitOptions {
  /** More than so many requests within the window trip it. @default never */
  readonly requests?: number;
  /** Length of the window. @default 60_000 */
  readonly withinMs?: number;
  /** More than so many requests at once trip it. @default never */
  readonly concurrent?: number;
  /** @default for ever */
  readonly blockForMs?: number;
  /** @default '429' */
  readonly how?: BlockAnswer;
  /** Value of the Retry-After header. @default no such header */
  readonly retryAfter?: string;
}

/** Google's block of an address: once tripped, every file is refused until the time is over. */
export class BlockLimit {
  readonly #options: BlockLimitOptions;
  #times: number[] = [];
  #blockedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: BlockLimitOptions) {
    this.#options = options;
  }

  /** Counts a request; true when it is to be refused. `now`: milliseconds; `concurrent`: this request included. */
  refuses(now: number, concurrent: number): boolean {
    const { requests, withinMs = 60_000, blockForMs = Number.POSITIVE_INFINITY } = this.#options;
    if (now < this.#blockedUntil) return true;
    if (requests !== undefined) {
      this.#times = this.#times.filter((time) => time > now - withinMs);
      this.#times.push(now);
    }
    const tripped =
      this.#times.length > (requests ?? Number.POSITIVE_INFINITY) ||
      concurrent > (this.#options.concurrent ?? Number.POSITIVE_INFINITY);
    if (tripped) {
      this.#blockedUntil = now + blockForMs;
      this.#times = [];
    }
    return tripped;
  }
}

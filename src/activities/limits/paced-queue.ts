import { Bucket } from '../../domain/limits/bucket.ts';
import { WaitingLine } from '../../domain/limits/waiting-line.ts';

/** For how long what was not used is kept. */
const BURST_MS = 500;

/** Lets things through at a rate, first come first served. The rate may change while some wait. */
export class PacedQueue {
  readonly #bucket: Bucket;
  readonly #now: () => number;
  readonly #line = new WaitingLine<number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds of a steady clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#bucket = new Bucket(Number.POSITIVE_INFINITY, BURST_MS, now());
  }

  /** Tokens a second; Infinity: no limit. */
  setRate(rate: number): void {
    if (rate === this.#bucket.rate) return;
    this.#bucket.setRate(rate, this.#now());
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#startWaiting();
  }

  /** Resolves when so many may pass; rejects with the signal's reason. Undefined: now. */
  take(count: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#line.length === 0 && this.#bucket.take(count, this.#now()) === 0) return undefined;
    const turn = this.#line.join(count, signal);
    this.#startWaiting();
    return turn;
  }

  #startWaiting(): void {
    if (this.#timer !== undefined) return;
    for (let next = this.#line.first; next !== undefined; next = this.#line.first) {
      const wait = this.#bucket.take(next.wanted, this.#now());
      if (wait > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#startWaiting();
        }, wait);
        return;
      }
      this.#line.startFirst();
    }
  }
}

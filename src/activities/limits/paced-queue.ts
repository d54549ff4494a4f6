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
  #passed = 0;
  #sharedAt: number;

  /** @param now milliseconds of a steady clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#sharedAt = now();
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

  /** Of what the rate allowed since the last call: what passed. More than 1 where it is owed, or was kept. */
  share(): number {
    const now = this.#now();
    const allowed = (this.#bucket.rate * (now - this.#sharedAt)) / 1000;
    const share = this.#passed / allowed;
    this.#passed = 0;
    this.#sharedAt = now;
    return allowed > 0 ? share : 0;
  }

  get isLimited(): boolean {
    return this.#bucket.rate !== Number.POSITIVE_INFINITY;
  }

  /** Resolves when so many may pass; rejects with the signal's reason. Undefined: now. */
  take(count: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#line.length === 0 && this.#take(count) === 0) return undefined;
    const turn = this.#line.join(count, signal);
    this.#startWaiting();
    return turn;
  }

  /** So many pass now, before those who wait, unless more than `most` is owed for what passed before. */
  ahead(count: number, most: number): boolean {
    const may = this.#bucket.ahead(count, most, this.#now());
    if (may) this.#passed += count;
    return may;
  }

  #take(count: number): number {
    const wait = this.#bucket.take(count, this.#now());
    if (wait === 0) this.#passed += count;
    return wait;
  }

  #startWaiting(): void {
    if (this.#timer !== undefined) return;
    for (let next = this.#line.first; next !== undefined; next = this.#line.first) {
      const wait = this.#take(next.wanted);
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

import { WaitingLine } from '../limits/waiting-line.ts';

/**
 * A weighted semaphore, first come first served: one big request is not overtaken for ever by small ones. A weight above
 * the capacity counts as the whole capacity, so that it runs alone.
 */
export class Slots {
  readonly #capacity: () => number;
  #used = 0;
  readonly #line = new WaitingLine<number>(() => this.#startWaiting());

  /** @param capacity may change; {@link look} tells of it */
  constructor(capacity: number | (() => number)) {
    this.#capacity = typeof capacity === 'number' ? () => capacity : capacity;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** There may be room for more than there was. */
  look(): void {
    this.#startWaiting();
  }

  async use<Result>(weight: number, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const taken = Math.min(weight, this.#capacity());
    await this.#acquire(taken, signal);
    try {
      return await work();
    } finally {
      this.#used -= taken;
      this.#startWaiting();
    }
  }

  async #acquire(weight: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#line.length > 0 || this.#used + weight > this.#capacity())
      return this.#line.join(weight, signal);
    this.#used += weight;
  }

  #startWaiting(): void {
    for (
      let next = this.#line.first;
      next && this.#used + next.wanted <= this.#capacity();
      next = this.#line.first
    ) {
      this.#used += next.wanted;
      this.#line.startFirst();
    }
  }
}

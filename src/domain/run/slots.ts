/**
 * A weighted semaphore, first come first served: one big request is not overtaken for ever by small ones. A weight above
 * the capacity counts as the whole capacity, so that it runs alone.
 */
export class Slots {
  readonly #capacity: number;
  #used = 0;
  readonly #queue: { readonly weight: number; readonly start: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  async use<Result>(weight: number, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const taken = Math.min(weight, this.#capacity);
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
    if (this.#queue.length === 0 && this.#used + weight <= this.#capacity) {
      this.#used += weight;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const entry = {
        weight,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(entry), 1);
        reject(signal.reason);
        this.#startWaiting();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(entry);
    });
  }

  #startWaiting(): void {
    for (
      let next = this.#queue[0];
      next && this.#used + next.weight <= this.#capacity;
      next = this.#queue[0]
    ) {
      this.#queue.shift();
      this.#used += next.weight;
      next.start();
    }
  }
}

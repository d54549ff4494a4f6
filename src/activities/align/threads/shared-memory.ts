/** What is larger is given back after use. */
const KEPT_BYTES = 64 * 1024 ** 2;
const STEP_BYTES = 1024 ** 2;

/**
 * Memory that files are read into for threads, used again and again. Memory made anew for every file would be collected
 * again and again, each time at the cost of a look through the whole heap of the process.
 */
export class SharedMemory {
  readonly #free: SharedArrayBuffer[] = [];

  /**
   * `work` has the memory until it settles; what lies in it is left over from others. A thread that is being ended may
   * still look at it then: nobody hears its answer.
   */
  async use<Result>(bytes: number, work: (memory: Uint8Array) => Promise<Result>): Promise<Result> {
    const memory = this.#take(bytes);
    try {
      return await work(new Uint8Array(memory, 0, bytes));
    } finally {
      if (memory.byteLength <= KEPT_BYTES) this.#free.push(memory);
    }
  }

  #take(bytes: number): SharedArrayBuffer {
    const nth = this.#free.findIndex(({ byteLength }) => byteLength >= bytes);
    const [fitting] = nth < 0 ? [] : this.#free.splice(nth, 1);
    if (fitting !== undefined) return fitting;
    // One that is too small for this file makes room for one that will do for most.
    this.#free.shift();
    return new SharedArrayBuffer(Math.max(1, Math.ceil(bytes / STEP_BYTES)) * STEP_BYTES);
  }
}

/** So many bytes at most lie unused. */
const KEPT_BYTES = 32 * 1024 ** 2;
/** Buffers of about the same size serve each other; smaller ones are as cheap from the heap. */
const STEP_BYTES = 256 * 1024;

/**
 * Large buffers for bytes that live as long as a piece of work: taking fresh ones from the system, which zeroes them page by
 * page, and collecting them again takes a tenth of a picture's verification.
 */
export class ReusedBuffers {
  readonly #idle = new Map<number, Buffer[]>();
  #idleBytes = 0;

  /** The buffer holds whatever lay there before, and is another's once `work` has settled. */
  async use<Result>(bytes: number, work: (buffer: Buffer) => Promise<Result>): Promise<Result> {
    if (bytes < STEP_BYTES) return work(Buffer.allocUnsafe(bytes));
    const size = Math.ceil(bytes / STEP_BYTES) * STEP_BYTES;
    const buffer = this.#take(size);
    try {
      return await work(buffer.subarray(0, bytes));
    } finally {
      this.#keep(buffer);
    }
  }

  #take(size: number): Buffer {
    const idle = this.#idle.get(size)?.pop();
    if (idle === undefined) return Buffer.allocUnsafeSlow(size);
    this.#idleBytes -= size;
    return idle;
  }

  #keep(buffer: Buffer): void {
    if (this.#idleBytes + buffer.length > KEPT_BYTES) return;
    this.#idleBytes += buffer.length;
    const idle = this.#idle.get(buffer.length);
    if (idle) idle.push(buffer);
    else this.#idle.set(buffer.length, [buffer]);
  }
}

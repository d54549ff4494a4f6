/** Those who wait for their turn, first come first served. Who is told to stop leaves the line. */
export class WaitingLine<Wanted> {
  readonly #line: {
    readonly wanted: Wanted;
    readonly start: () => void;
  }[] = [];
  readonly #onLeave: () => void;

  /** @param onLeave somebody has left before their turn: the next ones may want less */
  constructor(onLeave: () => void = () => {}) {
    this.#onLeave = onLeave;
  }

  get length(): number {
    return this.#line.length;
  }

  /** What the first one wants, if anybody waits. */
  get first(): { readonly wanted: Wanted } | undefined {
    return this.#line[0];
  }

  /** Does anybody wait who wants such a thing? */
  some(isSuch: (wanted: Wanted) => boolean): boolean {
    return this.#line.some(({ wanted }) => isSuch(wanted));
  }

  /** Resolves when the turn has come; rejects with the signal's reason. */
  join(wanted: Wanted, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const entry = {
        wanted,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        this.#line.splice(this.#line.indexOf(entry), 1);
        reject(signal.reason);
        this.#onLeave();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#line.push(entry);
    });
  }

  /** It is the first one's turn. */
  startFirst(): void {
    this.#line.shift()?.start();
  }
}

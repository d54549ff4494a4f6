import type { RunFacts } from '../../domain/page/run-facts.ts';

type Content = Pick<RunFacts, 'content' | 'faces'>;

/** A pass over all records rests for this many times as long as it took, so that a page costs a run next to nothing. */
const RESTS = 30;
const LEAST_REST_MS = 10_000;

/** What lies in a folder while a run fills it: as of the last pass over its records, which nobody waits for. */
export class LiveContent {
  readonly #read: () => Promise<Content>;
  #known: Content = { content: undefined, faces: [] };
  #reading: Promise<void> | undefined;
  #nextMs = 0;

  constructor(read: () => Promise<Content>) {
    this.#read = read;
  }

  now(): Content {
    if (this.#reading === undefined && performance.now() >= this.#nextMs) {
      this.#reading = this.#readAnew().finally(() => {
        this.#reading = undefined;
      });
    }
    return this.#known;
  }

  /** When nothing is read any more. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  async #readAnew(): Promise<void> {
    const begun = performance.now();
    try {
      this.#known = await this.#read();
    } catch {
      // Without a manifest yet, or with one that is being replaced, or at the end: there is a next time.
    }
    const took = performance.now() - begun;
    this.#nextMs = performance.now() + Math.max(LEAST_REST_MS, RESTS * took);
  }
}

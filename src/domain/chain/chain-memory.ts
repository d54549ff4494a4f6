import { MirrorBook } from '../mirrors/mirror-book.ts';

const MOST_SOURCES = 256;

/** What a worker process has seen of the sources of its chains: who failed which file, and who keeps it waiting; bounded. */
export class ChainMemory {
  readonly files = new MirrorBook();
  readonly #waitsSince = new Map<string, number>();

  /** When who asks to be asked later did so first, since he last gave another answer (ms since the epoch). */
  waitsSince(source: string, now: number): number {
    const since = Math.min(now, this.#waitsSince.get(source) ?? now);
    const [oldest] = this.#waitsSince.size >= MOST_SOURCES ? this.#waitsSince.keys() : [];
    if (oldest !== undefined) this.#waitsSince.delete(oldest);
    this.#waitsSince.set(source, since);
    return since;
  }

  answered(source: string): void {
    this.#waitsSince.delete(source);
  }
}

import { MirrorBook } from '../mirrors/mirror-book.ts';
import type { WaitingSource } from '../run/progress.ts';

const MOST_SOURCES = 256;

/** What a worker process has seen of the sources of its chains: who failed which file, and who keeps it waiting; bounded. */
export class ChainMemory {
  readonly files = new MirrorBook();
  readonly #waitsSince = new Map<string, number>();
  readonly #waiting = new Map<string, WaitingSource>();

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
    this.#waiting.delete(source);
  }

  /** It asked to be asked later, or its gate is closed. */
  waits(source: string, how: WaitingSource): void {
    this.#waiting.delete(source);
    const [oldest] = this.#waiting.size >= MOST_SOURCES ? this.#waiting.keys() : [];
    if (oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(source, how);
  }

  /** Those of these sources whose time has not come yet, as far as it is known. */
  waiting(sources: readonly string[], now: number): readonly WaitingSource[] {
    const all = sources.flatMap((source) => this.#waiting.get(source) ?? []);
    return all.filter(({ until = Number.POSITIVE_INFINITY }) => until > now);
  }
}

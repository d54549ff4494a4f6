import type { Target } from '../faults.ts';
import type { Ledger } from './ledger.ts';

/** Seconds from a restart to the first byte of a request that began after the kill. */
export interface Recovery {
  readonly target: Target;
  readonly seconds: number;
}

interface Waiting {
  readonly target: Target;
  readonly mark: number;
  /** The restart, or the end of another fault that kept bytes from flowing, whichever was last. */
  from: number;
}

/** Watches, after each kill, for the first new byte. */
export class Recoveries {
  readonly #ledger: Ledger;
  readonly #startedAt: () => number;
  #waiting: Waiting | undefined;
  #hindrances = 0;
  readonly measured: Recovery[] = [];
  /** Kills that came before the one before them was over. */
  overtaken = 0;

  constructor(ledger: Ledger, startedAt: () => number) {
    this.#ledger = ledger;
    this.#startedAt = startedAt;
  }

  begin(target: Target, mark: number): void {
    if (this.#waiting !== undefined) this.overtaken++;
    this.#waiting = { target, mark, from: performance.now() };
  }

  hinder(): void {
    this.#hindrances++;
  }

  unhinder(): void {
    this.#hindrances--;
    if (this.#waiting !== undefined) this.#waiting.from = performance.now();
  }

  /** Is there anything that keeps bytes from flowing? */
  get isHindered(): boolean {
    return this.#hindrances > 0;
  }

  /** To be called again and again. Is anything waited for? */
  look(): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined) return this.#hindrances > 0;
    if (this.#ledger.bytesSince(waiting.mark)) {
      const from = Math.max(waiting.from, this.#restart(waiting));
      this.measured.push({ target: waiting.target, seconds: Math.max(0, performance.now() - from) / 1000 });
      this.#waiting = undefined;
    }
    return this.#waiting !== undefined || this.#hindrances > 0;
  }

  /** The server is started again by those who use it: its time runs from the kill. */
  #restart({ target, from }: Waiting): number {
    return target === 'server' ? from : Math.min(this.#startedAt(), performance.now());
  }
}

import { availableParallelism } from 'node:os';
import { type BeginWait, waitedFor } from '../sources/flow/flow.ts';

/** Milliseconds that are looked at together. */
const SAMPLE_MS = 1_000;

/** Of the time that threads are at work: the share of processors from which on that is what they are busy with. */
const MOSTLY = 0.6;

/** Tells whether threads that verify and align compute, or wait for the disk. */
export class ProcessorLoad {
  #at = performance.now();
  #used = process.cpuUsage();
  #share = 0;
  #atWork = 0;

  /** Measures what the work of a thread waits for. */
  async whileAtWork<Answer>(beginWait: BeginWait, work: () => Promise<Answer>): Promise<Answer> {
    this.#atWork++;
    this.#sample();
    const threads = Math.min(this.#atWork, availableParallelism());
    try {
      return await waitedFor(beginWait, this.#share >= MOSTLY * threads ? 'processor' : 'disk', work());
    } finally {
      this.#atWork--;
    }
  }

  #sample(): void {
    const now = performance.now();
    if (now - this.#at < SAMPLE_MS) return;
    const { user, system } = process.cpuUsage(this.#used);
    this.#share = (user + system) / 1000 / (now - this.#at);
    this.#at = now;
    this.#used = process.cpuUsage();
  }
}

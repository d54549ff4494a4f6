import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { AlignAnswer, AlignTask } from './align-task.ts';

/** Threads that align: the processor's work of a worker process, away from the thread that sends its heartbeats. */
export class AlignPool {
  readonly threads: number;
  readonly #pool: Piscina<AlignTask, AlignAnswer>;

  /** `threads`: how many pictures are aligned at a time. `simd` false: the plain kernels, whatever the machine can do. */
  constructor(threads: number = availableParallelism(), options: { readonly simd?: boolean } = {}) {
    this.threads = threads;
    this.#pool = new Piscina<AlignTask, AlignAnswer>({
      filename: fileURLToPath(threadFile()),
      // No thread before the first picture: most runs only download.
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 30_000,
      workerData: { simd: options.simd ?? true },
      // A tsx or vitest loader of the parent is not what a thread of compiled code wants.
      execArgv: [],
    });
  }

  /**
   * Aligns one picture. The thread in it is ended when the signal fires, and another takes its place; a thread that
   * ends by itself is told as a failure of the picture in its hands.
   */
  async align(task: AlignTask, signal: AbortSignal): Promise<AlignAnswer> {
    try {
      return await this.#pool.run(task, { signal });
    } catch (error) {
      signal.throwIfAborted();
      const said = error instanceof Error ? error.message : String(error);
      const reason = /memory/i.test(said) ? 'out-of-memory' : 'thread-died';
      return { status: 'failed', failure: { reason, detail: said.slice(0, 300) } };
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Threads run the compiled program, also when this file runs from its TypeScript source. */
function threadFile(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/activities/align/align-thread.js', import.meta.url)
    : new URL('./align-thread.js', import.meta.url);
}

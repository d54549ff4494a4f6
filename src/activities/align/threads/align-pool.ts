import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { type MemoryBudget, makeMemoryBudget } from '../../png/memory-budget.ts';
import type { AlignAnswer, AlignTask, ThreadTask } from './align-task.ts';
import { errorAnswer } from './error-answer.ts';
import { type OriginalsMemory, syncFile, withOriginal } from './picture-files.ts';
import { SharedMemory } from './shared-memory.ts';

/** Far more than a thread needs: what overflows it is a defect, and ends the thread alone. */
const THREAD_HEAP_MB = 1_024;

export interface AlignPoolOptions {
  /** Of the process, for pictures in hand. @default one of its own */
  readonly memory?: MemoryBudget;
  /** False: the plain kernels, whatever the machine can do. */
  readonly simd?: boolean;
  /** What the threads run. */
  readonly threadFile?: URL;
  /** Of each thread's JavaScript heap; pixels lie outside it. */
  readonly maxOldGenerationSizeMb?: number;
}

/** Threads that align: the processor's work of a worker process, away from the thread that sends its heartbeats. */
export class AlignPool {
  readonly threads: number;
  readonly #options: AlignPoolOptions;
  readonly #memory: OriginalsMemory;
  #started: Piscina<ThreadTask, AlignAnswer> | undefined;

  /** `threads`: how many pictures are aligned at a time. */
  constructor(threads: number = availableParallelism(), options: AlignPoolOptions = {}) {
    this.threads = threads;
    this.#options = options;
    this.#memory = { shared: new SharedMemory(), budget: options.memory ?? makeMemoryBudget() };
  }

  /**
   * Aligns one picture, from file to file. The thread in it is ended when the signal fires, and another takes its place;
   * a thread that ends by itself is told as a failure of the picture in its hands. Callers that have more pictures in
   * hand than there are threads let files be read and synced while the threads compute.
   */
  async align(task: AlignTask, signal: AbortSignal): Promise<AlignAnswer> {
    try {
      const answer = await withOriginal(task, this.#memory, signal, (bytes) =>
        this.#compute({ ...task, bytes }, signal),
      );
      if (answer.status === 'aligned') await syncFile(task.output);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      return errorAnswer(error);
    }
  }

  async #compute(task: ThreadTask, signal: AbortSignal): Promise<AlignAnswer> {
    try {
      return await this.#pool().run(task, { signal });
    } catch (error) {
      signal.throwIfAborted();
      const said = error instanceof Error ? error.message : String(error);
      const reason = /memory/i.test(said) ? 'out-of-memory' : 'thread-died';
      return { status: 'failed', failure: { reason, detail: said.slice(0, 300) } };
    }
  }

  /**
   * A thread that ends before it has begun is not replaced: where there is none any more, pictures that wait would wait for
   * ever. They are told of its end, and the next one has a pool of its own.
   */
  #renew(pool: Piscina<ThreadTask, AlignAnswer>): void {
    if (pool !== this.#started || pool.threads.length > 0) return;
    this.#started = undefined;
    void pool.destroy();
  }

  async close(): Promise<void> {
    await this.#started?.destroy();
  }

  /** Made for the first picture: most runs only download. */
  #pool(): Piscina<ThreadTask, AlignAnswer> {
    if (this.#started) return this.#started;
    const {
      simd = true,
      threadFile = compiledThread(),
      maxOldGenerationSizeMb = THREAD_HEAP_MB,
    } = this.#options;
    const pool = new Piscina<ThreadTask, AlignAnswer>({
      filename: fileURLToPath(threadFile),
      // With none, pictures that wait behind a thread that died would wait for ever.
      minThreads: 1,
      maxThreads: this.threads,
      idleTimeout: 30_000,
      resourceLimits: { maxOldGenerationSizeMb },
      workerData: { simd },
      // A tsx or vitest loader of the parent is not what a thread of compiled code wants.
      execArgv: [],
    });
    // Who waits for a picture is told of its thread's end; the end of an idle one is nobody's concern.
    pool.on('error', () => {});
    // When another has taken its place, or none has.
    pool.on('workerDestroy', () => setImmediate(() => this.#renew(pool)));
    this.#started = pool;
    return pool;
  }
}

/** Threads run the compiled program, also when this file runs from its TypeScript source. */
function compiledThread(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../../dist/activities/align/threads/align-thread.js', import.meta.url)
    : new URL('./align-thread.js', import.meta.url);
}

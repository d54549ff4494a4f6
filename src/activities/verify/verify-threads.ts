import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import { DiedInHandError } from '../alone/run-alone.ts';
import type { FileSums } from '../hash/sum-file.ts';
import type { PlaceTask } from '../partials/partial-file.ts';
import { type MemoryBudget, makeMemoryBudget } from '../png/memory-budget.ts';
import { unlessAborted } from '../signals/unless-aborted.ts';
import type { ManyLooks, Seen } from '../store/file-info.ts';
import type { Encoded } from './encode-anew.ts';
import { rowsOf } from './look-at-files.ts';
import type { Verifier } from './verifier.ts';
import type { Verdict } from './verify-file.ts';
import type {
  MemoryMessage,
  PlaceAnswer,
  PrefixDigest,
  PrefixTask,
  ReadyMessage,
  VerifyAnswer,
  VerifyTask,
} from './verify-task.ts';

/** One verifies 30 to 100 pictures of 1.3 MB a second: more than this keep up with any line. */
const MOST_THREADS = 4;

/** Files in one thread's hands before another thread is worth its 10 MB. */
const BUSY_FILES = 4;

/** A thread makes little garbage but large: with more room it would keep the bytes of thousands of files. */
const YOUNG_MB = 2;

/** What a thread needs it gives back itself, or by its end. */
const never = new AbortController().signal;
setMaxListeners(0, never);

/** How long the end of threads is waited for. */
const CLOSE_MS = 1_000;

interface Job {
  readonly onBytes: (bytes: number) => void;
  readonly settle: (answer: VerifyAnswer) => void;
  readonly fail: (error: Error) => void;
}

/** What one thread knows of one file that still grows, for as long as that thread lives. */
export interface PrefixJob {
  readonly isAlive: boolean;
  tell(task: PrefixTask): void;
  /** Resolves when the file is open, whatever its name will be then; to false where that failed. */
  opened(): Promise<boolean>;
  /** Of a job that works. Throws what its thread says, or what ended it. */
  digest(): Promise<PrefixDigest>;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  /** Ends what it has of the memory budget, by the thread's number for it. */
  readonly needs: Map<number, () => void>;
  /** Has it come so far that files could end it? */
  isReady: boolean;
}

/**
 * Threads that read files back, hash, decode and put them in place, away from the one that talks to the source and sends
 * heartbeats. A disk that does not answer holds a thread, and nothing else.
 */
export class VerifyThreads implements Verifier, ManyLooks {
  readonly #most: number;
  readonly #memory: MemoryBudget;
  readonly #threadFile: URL;
  readonly #threads = new Set<Thread>();
  #lastId = 0;

  /**
   * @param memory of the process, for pictures that are decoded whole
   * @param threadFile what the threads run
   */
  constructor(
    most: number = Math.min(MOST_THREADS, availableParallelism()),
    memory: MemoryBudget = makeMemoryBudget(),
    threadFile = compiledThread(),
  ) {
    this.#threadFile = threadFile;
    this.#most = most;
    this.#memory = memory;
  }

  async verify(
    spec: FileSpec,
    path: string,
    signal: AbortSignal,
    onBytes: (bytes: number) => void = () => {},
  ): Promise<Verdict> {
    const settled = await this.#stoppable(
      { task: 'verify', id: ++this.#lastId, spec, path },
      signal,
      onBytes,
    );
    if ('verified' in settled) return settled.verified;
    throw errorOf(settled);
  }

  async encode(spec: FileSpec, path: string, signal: AbortSignal): Promise<Encoded> {
    const settled = await this.#stoppable({ task: 'encode', id: ++this.#lastId, spec, path }, signal);
    if ('encoded' in settled) return settled.encoded;
    throw errorOf(settled);
  }

  /** Both digests of a file's bytes, whatever they are. Throws the signal's reason, and what the disk says. */
  async sum(
    path: string,
    signal: AbortSignal,
    onBytes: (bytes: number) => void = () => {},
  ): Promise<FileSums> {
    const settled = await this.#stoppable({ task: 'sum', id: ++this.#lastId, path }, signal, onBytes);
    if ('sums' in settled) return settled.sums;
    throw errorOf(settled);
  }

  /** Throws the signal's reason as soon as the thread has heard of it. */
  async #stoppable(
    task: Extract<VerifyTask, { task: 'verify' | 'encode' | 'sum' }>,
    signal: AbortSignal,
    onBytes: (bytes: number) => void = () => {},
  ): Promise<VerifyAnswer> {
    signal.throwIfAborted();
    const { thread, answer } = this.#hand(task, onBytes);
    const onAbort = () => thread.worker.postMessage({ task: 'stop', id: task.id } satisfies VerifyTask);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const settled = await answer;
      if ('error' in settled) throw errorOf(settled);
      return settled;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async place(spec: FileSpec, place: PlaceTask): Promise<PlaceAnswer> {
    const task: VerifyTask = { task: 'place', id: ++this.#lastId, spec, place };
    const settled = await this.#hand(task, () => {}, [place.bytes.buffer as ArrayBuffer]).answer;
    if ('placed' in settled) return settled.placed;
    throw errorOf(settled);
  }

  /** A disk that does not answer holds the thread that asked it; who waits here hears of a stop all the same. */
  async look(paths: readonly string[], signal: AbortSignal): Promise<(Seen | undefined)[]> {
    if (paths.length === 0) return [];
    signal.throwIfAborted();
    const { answer } = this.#hand({ task: 'look', id: ++this.#lastId, paths: paths.join('\0') }, () => {});
    const settled = await unlessAborted(answer, signal);
    if ('seen' in settled) return rowsOf(settled.seen);
    throw errorOf(settled);
  }

  /** A file's beginning is hashed while the rest of it is still to come. */
  beginPrefix(): PrefixJob {
    const id = ++this.#lastId;
    const thread = this.#leastBusy();
    const tell = (task: { readonly how: 'begin' } | PrefixTask) =>
      thread.worker.postMessage({ task: 'prefix', id, ...task } satisfies VerifyTask);
    const isAlive = () => this.#threads.has(thread);
    let answer: Promise<VerifyAnswer> | undefined;
    let opened: Promise<boolean> = Promise.resolve(false);
    tell({ how: 'begin' });
    return {
      get isAlive() {
        return isAlive();
      },
      tell: (task) => {
        if (task.how === 'open') {
          opened = new Promise((open) => {
            const onBytes = () => open(true);
            answer = new Promise((settle, fail) => thread.jobs.set(id, { onBytes, settle, fail }));
            const never = () => open(false);
            answer.then(never, never);
          });
        }
        if (task.how === 'rest' || task.how === 'drop') thread.jobs.delete(id);
        tell(task);
      },
      opened: () => opened,
      digest: async () => {
        tell({ how: 'digest' });
        const settled = await answer;
        if (settled && 'prefix' in settled) return settled.prefix;
        throw settled ? errorOf(settled) : new Error('unreachable: a file that grows was opened');
      },
    };
  }

  /** A thread that its disk holds ends when the disk answers; nobody waits for that. */
  async close(): Promise<void> {
    const ended = Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
    await Promise.race([ended, delay(CLOSE_MS, undefined, { ref: false })]);
  }

  #hand(
    task: Exclude<VerifyTask, { task: 'granted' }>,
    onBytes: (bytes: number) => void,
    transfer: readonly ArrayBuffer[] = [],
  ): { readonly thread: Thread; readonly answer: Promise<VerifyAnswer> } {
    const thread = this.#leastBusy();
    const answer = new Promise<VerifyAnswer>((settle, fail) => {
      thread.jobs.set(task.id, { onBytes, settle, fail });
    });
    thread.worker.postMessage(task, transfer);
    return { thread, answer };
  }

  #hear({ worker, needs }: Thread, message: MemoryMessage): void {
    const { need } = message;
    if ('done' in message) {
      needs.get(need)?.();
      needs.delete(need);
      return;
    }
    const released = new Promise<void>((release) => needs.set(need, release));
    void this.#memory.use(message.bytes, never, async () => {
      worker.postMessage({ task: 'granted', need } satisfies VerifyTask);
      await released;
    });
  }

  #leastBusy(): Thread {
    let least: Thread | undefined;
    for (const thread of this.#threads) {
      if (least === undefined || thread.jobs.size < least.jobs.size) least = thread;
    }
    const isEnough =
      least !== undefined && (least.jobs.size < BUSY_FILES || this.#threads.size >= this.#most);
    return least !== undefined && isEnough ? least : this.#start();
  }

  #start(): Thread {
    // A tsx or vitest loader of the parent is not what a thread of compiled code wants.
    const worker = new Worker(this.#threadFile, {
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const thread: Thread = { worker, jobs: new Map(), needs: new Map(), isReady: false };
    this.#threads.add(thread);
    worker.unref();
    worker.on('message', (answer: VerifyAnswer | MemoryMessage | ReadyMessage) => {
      if ('ready' in answer) {
        thread.isReady = true;
        return;
      }
      if ('need' in answer) {
        this.#hear(thread, answer);
        return;
      }
      const job = thread.jobs.get(answer.id);
      if ('bytes' in answer) {
        job?.onBytes(answer.bytes);
        return;
      }
      thread.jobs.delete(answer.id);
      job?.settle(answer);
    });
    const end = (how: string) => {
      this.#threads.delete(thread);
      for (const job of thread.jobs.values()) job.fail(endOf(thread, how));
      thread.jobs.clear();
      for (const release of thread.needs.values()) release();
      thread.needs.clear();
    };
    worker.once('error', (error) => end(error instanceof Error ? error.message : String(error)));
    worker.once('exit', (code) => end(`exit ${code}`));
    return thread;
  }
}

/** A thread that could not even begin has met no file: the machine is short of something. */
function endOf({ isReady }: Thread, how: string): Error {
  if (isReady) return new DiedInHandError('verifying thread', how);
  return new StoreError('machine-short', `verifying thread: expected it to begin, got its end by ${how}`);
}

/** As the thread had it: callers look at code, call and path. */
function errorOf(answer: VerifyAnswer): Error {
  if (!('error' in answer)) return new Error('unreachable: a thread answers what it was asked');
  const { message, ...noted } = answer.error;
  return Object.assign(new Error(message), noted);
}

/** Threads run the compiled program, also when this file runs from its TypeScript source. */
function compiledThread(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/activities/verify/verify-thread.js', import.meta.url)
    : new URL('./verify-thread.js', import.meta.url);
}

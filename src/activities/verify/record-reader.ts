import { Worker } from 'node:worker_threads';
import type { RecordRange } from '../../domain/tfrecord/record-check.ts';
import type { RecordAnswer, RecordTask, RecordThreadData } from './record-task.ts';

/** One is read from the disk and hashed while the records of the other are checked. */
const BUFFERS = 2;

/**
 * Checks the records of a file in a thread of its own, from the very memory that its MD5 is made of: checking takes less than
 * half as long, so that hashing never waits for it. A thread that comes to an end costs the names of the damaged records, and
 * nothing else.
 */
export class RecordReader {
  /** Of shared memory, for the caller to read into, in turns. */
  readonly buffers: readonly Buffer[];
  readonly #worker: Worker;
  readonly #taken: (Promise<void> | undefined)[] = [];
  readonly #settle: (() => void)[] = [];
  readonly #answered: Promise<readonly RecordRange[] | undefined>;
  #isOver = false;

  /** @param bytes of each buffer */
  constructor(recordBytes: number, bytes: number) {
    const shared = Array.from({ length: BUFFERS }, () => new SharedArrayBuffer(bytes));
    this.buffers = shared.map((buffer) => Buffer.from(buffer));
    this.#worker = new Worker(compiledThread(), {
      execArgv: [],
      workerData: { recordBytes, buffers: shared } satisfies RecordThreadData,
    });
    this.#worker.unref();
    this.#answered = new Promise((settle) => {
      this.#worker.on('message', (answer: RecordAnswer) => {
        if ('damaged' in answer) settle(answer.damaged);
        else this.#settle[answer.taken]?.();
      });
      const end = () => {
        this.#isOver = true;
        for (const free of this.#settle) free();
        settle(undefined);
      };
      this.#worker.once('error', end);
      this.#worker.once('exit', end);
    });
  }

  /** Until what lies in a buffer may be overwritten. */
  async free(buffer: number): Promise<void> {
    await this.#taken[buffer];
  }

  /** The next bytes of the file lie at the beginning of this buffer. */
  take(buffer: number, bytes: number): void {
    if (this.#isOver) return;
    this.#taken[buffer] = new Promise((settle) => {
      this.#settle[buffer] = settle;
    });
    this.#tell({ take: buffer, bytes });
  }

  /** Of all that was taken: the damaged records; undefined where nobody can say. */
  async end(): Promise<readonly RecordRange[] | undefined> {
    if (this.#isOver) return undefined;
    this.#tell({ end: true });
    return this.#answered;
  }

  close(): void {
    void this.#worker.terminate();
  }

  #tell(task: RecordTask): void {
    this.#worker.postMessage(task);
  }
}

/** Threads run the compiled program, also when this file runs from its TypeScript source. */
function compiledThread(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/activities/verify/record-thread.js', import.meta.url)
    : new URL('./record-thread.js', import.meta.url);
}

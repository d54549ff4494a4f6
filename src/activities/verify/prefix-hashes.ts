import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { compareMd5, compareSize } from '../../domain/verify/compare-content.ts';
import type { FileState, PartialFile } from '../partials/partial-file.ts';
import { unlessAborted } from '../signals/unless-aborted.ts';
import type { Verdict } from './verify-file.ts';
import type { PrefixJob, VerifyThreads } from './verify-threads.ts';

/** The one thing that an early hash can say. */
type Right = Extract<Verdict, { readonly status: 'right' }>;

/** Files between two of their ranges; a run has fewer. A hash takes some hundred bytes. */
const MOST_KEPT = 32;

/** Bytes between two words to the thread. */
const STEP_BYTES = 1024 ** 2;

interface Kept {
  readonly job: PrefixJob;
  /** Of the file when it was let go of. */
  readonly state: FileState;
}

/**
 * MD5s of large files that are on their way: read back from the disk while the rest still comes, so that little is left to
 * be read after the last byte. Why that is as good as reading the whole file at its end: docs/decisions/large-files.md.
 * One per process; nothing of it outlives the process.
 */
export class PrefixHashes {
  readonly #threads: Pick<VerifyThreads, 'beginPrefix'>;
  readonly #kept = new Map<string, Kept>();
  /** By file: bytes that were read for a hash that was then of no use. */
  readonly #inVain = new Map<string, number>();

  constructor(threads: Pick<VerifyThreads, 'beginPrefix'>) {
    this.#threads = threads;
  }

  /**
   * Goes on where this process stopped, or begins with what is on the disk. Undefined where only the whole file, read at its
   * end, can tell what it is.
   *
   * @param path of the file when it is whole
   */
  begin(path: string, partial: PartialFile, spec: FileSpec): PrefixHash | undefined {
    const kept = this.#kept.get(path);
    this.#kept.delete(path);
    const isStill =
      kept?.job.isAlive && partial.taken !== undefined && isSameState(kept.state, partial.taken);
    if (kept && !(isStill && partial.isSure)) this.#drop(path, kept.job, Number(kept.state.size));
    if (spec.md5 === undefined || spec.size === undefined || !partial.isSure) return undefined;
    const owner = {
      keep: (job: PrefixJob, state: FileState) => this.#keep(path, { job, state }),
      drop: (job: PrefixJob) => this.#drop(path, job, partial.size),
      end: () => this.#inVain.delete(path),
    };
    if (kept && isStill) return new PrefixHash(partial, kept.job, owner);
    // Where workers take turns, each begins anew at each turn: no more is read so than once more the file.
    if ((this.#inVain.get(path) ?? 0) + partial.size > spec.size) return undefined;
    return new PrefixHash(partial, this.#threads.beginPrefix(), owner);
  }

  #keep(path: string, kept: Kept): void {
    this.#kept.set(path, kept);
    const [oldest] = this.#kept;
    if (this.#kept.size <= MOST_KEPT || oldest === undefined) return;
    this.#kept.delete(oldest[0]);
    this.#drop(oldest[0], oldest[1].job, Number(oldest[1].state.size));
  }

  #drop(path: string, job: PrefixJob, bytes: number): void {
    this.#inVain.set(path, (this.#inVain.get(path) ?? 0) + bytes);
    job.tell({ how: 'drop' });
  }
}

interface Owner {
  readonly keep: (job: PrefixJob, state: FileState) => void;
  readonly drop: (job: PrefixJob) => void;
  readonly end: () => void;
}

/** The hash of one partial file, as long as one attempt has it. */
export class PrefixHash {
  readonly #partial: PartialFile;
  readonly #job: PrefixJob;
  readonly #owner: Owner;
  #isOpen = false;
  #isOver = false;
  #told = 0;

  constructor(partial: PartialFile, job: PrefixJob, owner: Owner) {
    this.#partial = partial;
    this.#job = job;
    this.#owner = owner;
    this.grew();
  }

  /** The partial file has another size than before. */
  grew(): void {
    const { size } = this.#partial;
    if (size >= this.#told + STEP_BYTES || size < this.#told || !this.#isOpen) this.#tell(size);
  }

  /** Undefined: it does not say that the file is right; whoever reads it from its beginning can tell. */
  async verdict(spec: FileSpec, signal: AbortSignal): Promise<Right | undefined> {
    this.#tell(this.#partial.size);
    if (!this.#isOpen) return undefined;
    // The thread reads on meanwhile.
    await this.#partial.sync();
    const before = await this.#partial.state();
    const digest = await unlessAborted(this.#job.digest(), signal).catch(() => undefined);
    signal.throwIfAborted();
    if (digest === undefined) return undefined;
    this.#isOver = true;
    this.#owner.end();
    const { md5, size, state } = digest;
    const after = await this.#partial.state();
    const isOfThis = isSameState(before, after) && isSameFile(state, after) && BigInt(size) === after.size;
    if (!isOfThis || compareSize(spec, size) || compareMd5(spec, md5)) return undefined;
    return { status: 'right', seen: { size, md5 } };
  }

  /**
   * Before the partial file is let go of: the next attempt of this process goes on with it. What the disk has not written by
   * then it may give back otherwise, so it is synced.
   */
  async keep(signal: AbortSignal): Promise<void> {
    if (this.#isOver || !this.#isOpen) return;
    await this.#partial.sync();
    // Under the name that it is about to lose.
    if (!(await unlessAborted(this.#job.opened(), signal))) return;
    const state = await this.#partial.state();
    this.#tell(this.#partial.size);
    this.#isOver = true;
    this.#job.tell({ how: 'rest' });
    this.#owner.keep(this.#job, state);
  }

  /** Unless it is kept. */
  drop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.drop(this.#job);
  }

  #tell(size: number): void {
    if (!this.#isOpen) {
      if (size === 0) return;
      this.#isOpen = true;
      this.#job.tell({ how: 'open', path: this.#partial.path });
    }
    this.#told = size;
    this.#job.tell({ how: 'grew', size });
  }
}

function isSameFile(a: FileState, b: FileState): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size;
}

function isSameState(a: FileState, b: FileState): boolean {
  return isSameFile(a, b) && a.mtimeNs === b.mtimeNs;
}

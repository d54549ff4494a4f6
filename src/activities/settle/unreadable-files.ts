/*
 * An input/output error is a fault of the file that met it, unless the folder or the whole disk shows it too: then nobody
 * gives up a file for it.
 */

import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { failedOutcomeOf } from '../../domain/failure/reasons.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import { probeFolder } from '../store/folder-probe.ts';
import type { WriterProcess } from '../store/writer.ts';
import type { FileFault } from './file-maker.ts';
import type { FileResult } from './settle-file.ts';

/** Unreadable files of one attempt, without one that can be read, from which on the disk is at fault and not they. */
const MANY_UNREADABLE = 8;

export interface Unreadable<Spec extends FileSpec> {
  readonly spec: Spec;
  readonly fault: FileFault;
}

/** Those of one attempt. */
export class UnreadableFiles<Spec extends FileSpec> {
  readonly #store: StoreRef;
  readonly #writer: WriterProcess;
  readonly #files: Unreadable<Spec>[] = [];
  /** Files that were read from end to end. */
  #read = 0;

  constructor(store: StoreRef, writer: WriterProcess) {
    this.#store = store;
    this.#writer = writer;
  }

  /** Throws a {@link StoreError} where the folder as a whole cannot be read and written. */
  async keep(spec: Spec, fault: FileFault): Promise<void> {
    await probeFolder(this.#store, this.#writer);
    this.#files.push({ spec, fault });
  }

  /** Hears of every other file. */
  count(result: FileResult): void {
    const wasRead =
      result.status === 'failed'
        ? failedOutcomeOf(result.fault.reason) === 'corrupt'
        : result.status === 'done' && result.wasRead;
    if (wasRead) this.#read++;
  }

  /** Does the disk give files back, and has it refused none? */
  get isDiskFine(): boolean {
    return this.#files.length === 0 && this.#read > 0;
  }

  /**
   * Those that are the only ones.
   *
   * @param mayWait false: each is to be told of, and no disk is waited for
   */
  judged(mayWait: () => boolean): readonly Unreadable<Spec>[] {
    const [first] = this.#files;
    if (first && this.#files.length >= MANY_UNREADABLE && this.#read === 0 && mayWait()) {
      const files = `${this.#files.length} files that cannot be read and none that can`;
      throw new StoreError('disk-fault', `store [path=${this.#store.path}]: ${files}: ${first.fault.detail}`);
    }
    return this.#files;
  }
}

/** The run's counts: what the plan found, and where each shard stands since. */

import type { FileKind } from '../kinds.ts';
import { accepted, addTallies, emptyTally, identical, type Tally } from './progress.ts';

type Counts = Pick<Tally, 'doneFiles' | 'doneBytes' | 'identicalFiles' | 'acceptedFiles'>;

/** What a shard's tally says beyond what the plan had counted for it. */
export function tallySince(planned: Counts, now: Tally): Tally {
  const { identicalFiles = 0, acceptedFiles = 0, ...rest } = now;
  return {
    ...rest,
    ...identical(identicalFiles - (planned.identicalFiles ?? 0)),
    ...accepted(acceptedFiles - (planned.acceptedFiles ?? 0)),
    files: 0,
    bytes: 0,
    doneFiles: now.doneFiles - planned.doneFiles,
    doneBytes: now.doneBytes - planned.doneBytes,
  };
}

/** Tallies per kind, with parts that are still changing kept apart until they settle. */
export class RunTallies {
  readonly #settled: Partial<Record<FileKind, Tally>>;
  readonly #changing = new Map<string, { readonly kind: FileKind; readonly tally: Tally }>();

  constructor(settled: Readonly<Partial<Record<FileKind, Tally>>>) {
    this.#settled = { ...settled };
  }

  /** What part `name` has done so far; replaces what it said before. */
  change(name: string, kind: FileKind, tally: Tally): void {
    this.#changing.set(name, { kind, tally });
  }

  /** Part `name` is over. */
  settle(name: string, kind: FileKind, tally: Tally): void {
    this.#changing.delete(name);
    this.#settled[kind] = addTallies(this.#settled[kind] ?? emptyTally, tally);
  }

  /** What is known of a kind that has no parts; replaces what was known before. */
  set(kind: FileKind, tally: Tally): void {
    this.#settled[kind] = tally;
  }

  /** Without the parts that are still changing: what is carried over Continue-As-New. */
  get settled(): Readonly<Partial<Record<FileKind, Tally>>> {
    return this.#settled;
  }

  get all(): Readonly<Partial<Record<FileKind, Tally>>> {
    const all = { ...this.#settled };
    for (const { kind, tally } of this.#changing.values())
      all[kind] = addTallies(all[kind] ?? emptyTally, tally);
    return all;
  }

  get failedFiles(): number {
    return Object.values(this.all).reduce((sum, tally) => sum + tally.failedFiles, 0);
  }
}

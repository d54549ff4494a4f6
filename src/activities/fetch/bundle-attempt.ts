import { setMaxListeners } from 'node:events';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { formatIds, type ImageId } from '../../domain/dataset/ids.ts';
import type { FileFailure } from '../../domain/failure/file-failure.ts';
import { failedOutcomeOf, reactionTo } from '../../domain/failure/reasons.ts';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { deferralMs, fileBackoffMs } from '../../domain/run/backoff.ts';
import { addTallies, emptyTally, type Tally } from '../../domain/run/progress.ts';
import type { BundleResult, RunContext } from '../../domain/run/run.ts';
import type { Slots } from '../../domain/run/slots.ts';
import { deferredTally, doneTally, failedTally } from '../../domain/run/tally-file.ts';
import { stayOwner } from '../activity.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { stopFailure, unfinishedFailure } from '../failures.ts';
import type { BundleProgress } from '../heartbeat.ts';
import { readFaults } from '../store/failure-log.ts';
import { type FileFault, type FileResult, notesWritten } from './settle-file.ts';

/** What an Activity does with one file; everything else about bundles is the same for all kinds. */
export interface BundleWork<Spec extends FileSpec> {
  /** Files in hand in this process, over all bundles of this kind. */
  readonly slots: Slots;
  /** Group of the failure log. */
  readonly group: string;
  /** The thousand-folder's files are named by id; the few others are not. */
  readonly hasIds: boolean;
  readonly settle: (spec: Spec, hands: BundleHands) => Promise<FileResult>;
}

/** What the work on one file is given. */
export interface BundleHands {
  readonly signal: AbortSignal;
  /** Records on their way to the disk; the bundle waits for them before it answers. */
  readonly notes: Promise<void>[];
  readonly onBytes: (bytes: number) => void;
}

/** One attempt of the Activity: what it has settled so far, and why it must end early if it must. */
export class BundleAttempt<Spec extends FileSpec> {
  readonly #dependencies: ActivityDependencies;
  readonly #input: RunContext;
  readonly #storePath: string;
  readonly #progress: BundleProgress;
  readonly #work: BundleWork<Spec>;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #notes: Promise<void>[] = [];
  readonly #failures: FileFailure[] = [];
  readonly #failedKeys: string[] = [];
  readonly #deferredKeys: string[] = [];
  readonly #unfinished: { readonly spec: Spec; readonly fault: FileFault; readonly attempts: number }[] = [];
  #tally: Tally = emptyTally;
  #deferred: { readonly until: number; readonly reason: string } | undefined;

  constructor(
    dependencies: ActivityDependencies,
    input: RunContext,
    storePath: string,
    progress: BundleProgress,
    work: BundleWork<Spec>,
  ) {
    this.#dependencies = dependencies;
    this.#input = input;
    this.#storePath = storePath;
    this.#progress = progress;
    this.#work = work;
    this.#signal = AbortSignal.any([progress.signal, this.#stop.signal]);
    // Every file of the bundle listens; that is no leak.
    setMaxListeners(0, this.#signal);
  }

  async settleAll(specs: readonly Spec[]): Promise<BundleResult> {
    await this.#rememberFaults(specs);
    const results = await Promise.allSettled(
      specs.map((spec) =>
        this.#work.slots.use(1, this.#signal, async () => {
          await this.#settle(spec);
        }),
      ),
    );
    await notesWritten(this.#notes);
    await this.#noteFailures();
    // Told to stop from outside: what is settled is settled, partial files are released.
    if (this.#progress.signal.aborted) return this.#interrupted();
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    if (this.#unfinished.length > 0) throw this.#nextAttempt();
    return this.#result(false);
  }

  async #rememberFaults(specs: readonly Spec[]): Promise<void> {
    const kind = specs[0]?.kind;
    if (kind === undefined) return;
    const faults = await readFaults(this.#storePath, this.#input.run, kind, this.#work.group);
    for (const { key } of specs) {
      const count = faults.get(key);
      if (count !== undefined) this.#progress.rememberFaults(key, count);
    }
  }

  async #settle(spec: Spec): Promise<void> {
    const settled = this.#progress.settledOutcome(spec.key);
    if (settled?.status === 'failed') {
      this.#countFailed(spec, settled.reason);
      return;
    }
    if (settled?.status === 'deferred') {
      this.#countDeferred(spec, settled.until, settled.reason);
      return;
    }
    this.#progress.start(spec);
    try {
      await stayOwner(this.#dependencies, this.#input, this.#storePath);
      const result = await this.#work.settle(spec, {
        signal: this.#signal,
        notes: this.#notes,
        onBytes: (bytes) => this.#progress.addBytes(spec, bytes),
      });
      if (result.status === 'failed') {
        this.#judge(spec, result.fault);
        return;
      }
      if (result.status === 'partial') throw new Error('unreachable: a bundle asks for whole files');
      this.#tally = addTallies(
        this.#tally,
        doneTally(result.size, result.how === 'stored', result.isIdentical),
      );
      this.#progress.finish(spec, 'done');
    } catch (error) {
      // One file saw what concerns them all (full disk, lost mount): no sense in going on with the others.
      if (!this.#signal.aborted) this.#stop.abort(error);
      throw error;
    } finally {
      this.#progress.leave(spec);
    }
  }

  #judge(spec: Spec, fault: FileFault): void {
    switch (reactionTo(fault.reason)) {
      case 'stop':
        if (!this.#signal.aborted) {
          this.#progress.say(`waits: ${fault.reason}: ${fault.detail}`);
          this.#stop.abort(stopFailure(fault, this.#progress.attempt));
        }
        return;
      case 'defer':
        this.#defer(spec, fault);
        return;
      case 'outcome':
        this.#fail(spec, fault, this.#progress.attemptsOf(spec.key) + 1);
        return;
      case 'retry': {
        // Only looking: there is nothing that another attempt could change.
        const looking = this.#input.request.fetch === 'nothing';
        const attempts = looking ? 1 : this.#progress.countFault(spec.key, fault.progressedBytes);
        const isLast = looking || attempts >= this.#input.request.numAttempts;
        if (isLast) this.#fail(spec, fault, attempts);
        else this.#unfinished.push({ spec, fault, attempts });
      }
    }
  }

  #fail(spec: Spec, fault: FileFault, attempts: number): void {
    this.#failures.push({
      kind: spec.kind,
      key: spec.key,
      path: spec.path,
      outcome: failedOutcomeOf(fault.reason),
      reason: fault.reason,
      detail: fault.detail,
      attempts,
    });
    this.#progress.settleFailed(spec.key, fault.reason);
    this.#countFailed(spec, fault.reason);
  }

  #countFailed(spec: Spec, reason: FileFailure['reason']): void {
    this.#failedKeys.push(spec.key);
    this.#tally = addTallies(this.#tally, failedTally(spec.key, reason));
    this.#progress.finish(spec, 'failed');
  }

  #defer(spec: Spec, fault: FileFault): void {
    const until = Date.now() + deferralMs(fault.retryAfterMs, this.#dependencies.quotaWaitMs);
    this.#progress.settleDeferred(spec.key, until, fault.reason);
    this.#countDeferred(spec, until, fault.reason);
  }

  #countDeferred(spec: Spec, until: number, reason: string): void {
    this.#deferredKeys.push(spec.key);
    this.#tally = addTallies(this.#tally, deferredTally);
    if (this.#deferred === undefined || until < this.#deferred.until) this.#deferred = { until, reason };
  }

  async #noteFailures(): Promise<void> {
    const kind = (this.#failures[0] ?? this.#unfinished[0]?.spec)?.kind;
    if (kind === undefined) return;
    const { failureLog } = this.#dependencies;
    const faults = this.#unfinished.map(({ spec, attempts }) => ({ key: spec.key, faults: attempts }));
    const place = [this.#storePath, this.#input.run, kind, this.#work.group] as const;
    try {
      await failureLog.append(...place, this.#failures);
      await failureLog.appendFaults(...place, faults);
    } catch (error) {
      throw storeErrorFrom(error, 'notes of failures') ?? error;
    }
  }

  #nextAttempt(): Error {
    const first = this.#unfinished
      .slice(0, 3)
      .map(
        ({ spec, fault, attempts }) =>
          `${spec.path} (fault ${attempts} of ${this.#input.request.numAttempts}): ${fault.detail}`,
      );
    // A file that came forward deserves another try at once; the others wait by their own count of faults.
    const delay = Math.min(
      ...this.#unfinished.map(({ fault, attempts }) =>
        fault.progressedBytes > 0 ? 1_000 : fileBackoffMs(attempts),
      ),
    );
    const more =
      this.#unfinished.length > first.length ? `; and ${this.#unfinished.length - first.length} more` : '';
    return unfinishedFailure(
      `${this.#unfinished.length} files unfinished: ${first.join('; ')}${more}`,
      delay,
    );
  }

  #interrupted(): BundleResult {
    this.#progress.rethrowUnlessCancelled();
    return this.#result(true);
  }

  #result(interrupted: boolean): BundleResult {
    const ids = (keys: readonly string[]) => (this.#work.hasIds ? idsOf(keys) : '');
    return {
      tally: this.#tally,
      failedIds: ids(this.#failedKeys),
      interrupted,
      ...(this.#deferred ? { deferred: { ids: ids(this.#deferredKeys), ...this.#deferred } } : {}),
    };
  }
}

function idsOf(keys: readonly string[]): string {
  return formatIds([...new Set(keys.map(Number))].sort((a, b) => a - b) as ImageId[]);
}

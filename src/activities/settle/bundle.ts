import { setMaxListeners } from 'node:events';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { idsOfKeys } from '../../domain/dataset/ids.ts';
import type { FileFailure } from '../../domain/failure/file-failure.ts';
import { endOfWait, type NotedWait, noteWait } from '../../domain/failure/noted-wait.ts';
import { failedOutcomeOf } from '../../domain/failure/reasons.ts';
import { isRestReason } from '../../domain/failure/source-failure.ts';
import type { GateKey } from '../../domain/failure/source-gate.ts';
import { storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { type FileKind, kinds } from '../../domain/kinds.ts';
import type { BundleResult } from '../../domain/run/activity-inputs.ts';
import { deferralMs, fileBackoffMs } from '../../domain/run/backoff.ts';
import { addTallies, emptyTally, swept, type Tally } from '../../domain/run/progress.ts';
import type { RunContext } from '../../domain/run/run.ts';
import { deferredTally, doneTally, failedTally } from '../../domain/run/tally-file.ts';
import type { ActivityScope } from '../activity.ts';
import { stopFailure, stopWaitMs, unfinishedFailure } from '../failures.ts';
import { inPlainNames } from '../folders/held-folder.ts';
import { inListedFolders } from '../partials/folder-survey.ts';
import { sweepBeside } from '../partials/left-partials.ts';
import type { NotesOfRun } from '../store/hands.ts';
import { CrowdedFiles, inTurnOf } from './crowded-files.ts';
import { FailureNotes } from './failure-notes.ts';
import { reactionOf } from './fault-of-error.ts';
import { FileFolders } from './file-folders.ts';
import { type FileFault, type FileMaker, type FileSlots, type FileTools, killer } from './file-maker.ts';
import { PendingRecords } from './pending-records.ts';
import { type FileResult, type Settling, settleFile } from './settle-file.ts';
import { UnreadableFiles } from './unreadable-files.ts';

/** What tells bundles of one kind from those of another. */
export interface BundleWork<Spec extends FileSpec> {
  readonly maker: FileMaker<Spec>;
  readonly kind: FileKind;
  /** Of its records and failures: the thousand-folder, or the name for kinds that have none. */
  readonly group: string;
  /** What is found wrong is noted as damage, and not as a failure of the run. */
  readonly onlyToKnow?: boolean;
  /** The thousand-folder's files are named by id; the few others are not. */
  readonly hasIds: boolean;
  /** Files in hand in this process, over all bundles of this kind. */
  readonly slots: FileSlots;
}

/** For a disk that gives none of many files back: some minutes, as a cable takes. */
const LONGEST_DISK_WAIT_MS = 10 * 60 * 1000;

/** One attempt of an Activity at its files: what it has settled so far, and why it must end early if it must. */
export class Bundle<Spec extends FileSpec> {
  readonly #scope: ActivityScope;
  readonly #input: RunContext;
  readonly #work: BundleWork<Spec>;
  readonly #records: PendingRecords;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #failures: FileFailure[] = [];
  readonly #notes: FailureNotes;
  readonly #failedKeys: string[] = [];
  readonly #deferredKeys: string[] = [];
  /** Paths of files that this attempt put in place. */
  readonly #stored: string[] = [];
  readonly #unfinished: { readonly spec: Spec; readonly fault: FileFault; readonly attempts: number }[] = [];
  readonly #unreadable: UnreadableFiles<Spec>;
  /** Not tried to their end, because of their host; nothing is counted against them. */
  readonly #held: { readonly spec: Spec; readonly fault: FileFault }[] = [];
  readonly #crowded = new CrowdedFiles<Spec>();
  #tally: Tally = emptyTally;
  #deferred: { readonly until: number; readonly firstMs: number; readonly reason: string } | undefined;
  /** Closed, as files of this attempt found it: the workflow waits for it, others that are on their way come. */
  #gate: GateKey | undefined;
  #partialBytes = 0;
  #hands: NotesOfRun | undefined;
  #noRoom = false;
  #settling: Promise<Settling<Spec>> | undefined;

  constructor(scope: ActivityScope, input: RunContext, work: BundleWork<Spec>) {
    this.#scope = scope;
    this.#input = input;
    this.#work = work;
    const { dependencies, storePath, heartbeat } = scope;
    this.#records = new PendingRecords(dependencies.verifiedLog, storePath, work.kind, work.group, input.run);
    this.#notes = new FailureNotes(dependencies.failureLog, {
      ...{ storePath, run: input.run, kind: work.kind, group: work.group },
      onlyToKnow: work.onlyToKnow === true,
    });
    this.#unreadable = new UnreadableFiles({ path: storePath, id: input.store.id }, dependencies.writer);
    this.#signal = AbortSignal.any([heartbeat.signal, this.#stop.signal]);
    // Every file of the bundle listens; that is no leak.
    setMaxListeners(0, this.#signal);
  }

  /** Files that this attempt gave up. */
  get failures(): readonly FileFailure[] {
    return this.#failures;
  }

  /** On the disk, of files whose ranges have come and that are not whole yet. */
  get partialBytes(): number {
    return this.#partialBytes;
  }

  async settleAll(specs: readonly Spec[]): Promise<BundleResult> {
    try {
      return await this.#settleAll(specs);
    } catch (error) {
      throw inPlainNames(error);
    } finally {
      const settling = await this.#settling?.catch(() => undefined);
      await settling?.folders.release({ late: this.#signal.aborted });
    }
  }

  async #settleAll(specs: readonly Spec[]): Promise<BundleResult> {
    const { heartbeat } = this.#scope;
    heartbeat.setTotals(specs);
    await this.#rememberFaults(specs);
    this.#rememberRests();
    const turn = (spec: Spec) => this.#work.slots.use(1, this.#signal, () => this.#settle(spec), spec);
    const results = await Promise.allSettled(
      inTurnOf(specs, heartbeat.attempt).map((spec) => this.#crowded.inTurns(spec, () => turn(spec))),
    );
    await this.#records.written();
    await this.#closeFolders();
    const unreadable = this.#unreadable.judged(() => this.#mayWaitForDisk());
    for (const { spec, fault } of unreadable) this.#judge(spec, fault);
    if (this.#unreadable.isDiskFine) this.#scope.heartbeat.endWait('unreadable files');
    await this.#notes.written(
      this.#unfinished.map(({ spec, attempts }) => ({ key: spec.key, faults: attempts })),
    );
    // Told to stop from outside: what is settled is settled, partial files are released.
    if (heartbeat.signal.aborted) {
      heartbeat.rethrowUnlessCancelled();
      return this.#result(true);
    }
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason;
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    if (this.#held.length > 0) throw this.#heldAttempt();
    if (this.#unfinished.length > 0) throw this.#nextAttempt();
    return this.#result(false);
  }

  /** Somebody may plug it in again. Whoever only looks wants to know now; and what stays so for long is their own fault. */
  #mayWaitForDisk(): boolean {
    if (this.#input.request.fetch === 'nothing' && this.#work.onlyToKnow !== true) return false;
    return Date.now() - this.#scope.heartbeat.waitsSince('unreadable files') < LONGEST_DISK_WAIT_MS;
  }

  /** Whoever hears that this bundle is done never asks again: names must last by then, also those of earlier attempts. */
  async #closeFolders(): Promise<void> {
    if (this.#settling === undefined || this.#input.request.fetch === 'nothing') return;
    try {
      const { folders, writer } = await this.#settling;
      await folders.sync();
      // Beside what was stored attempts that overlapped may have let go of theirs since the folders were listed.
      await inListedFolders(this.#scope.storePath, this.#stored, async (now) => {
        for (const path of this.#stored) {
          const gone = await sweepBeside(now, path, writer);
          this.#tally = addTallies(this.#tally, { ...emptyTally, ...swept(gone) });
        }
      });
    } catch (error) {
      throw storeErrorFrom(error, 'dataset folder') ?? error;
    }
  }

  #toolsFor(spec: Spec): FileTools {
    const { heartbeat, dependencies } = this.#scope;
    return {
      signal: this.#signal,
      onBytes: (bytes) => heartbeat.addBytes(spec, bytes),
      inHand: (work) => {
        const inHand = () => this.#hands?.hold(spec, this.#signal, work) ?? work(false);
        return dependencies.load.whileAtWork(heartbeat.beginWait, inHand);
      },
      beginWait: heartbeat.beginWait,
    };
  }

  /** Read when the first file's turn has come: bundles that wait for slots hold nothing. */
  async #prepare(): Promise<Settling<Spec>> {
    const { storePath, dependencies } = this.#scope;
    const { maker, kind, group } = this.#work;
    const { run, request } = this.#input;
    const { verifier, writer, hands } = dependencies;
    // Of other files nothing is decoded.
    if (kinds[kind].form === 'shards') this.#hands = await hands.ofRun(storePath, run);
    return {
      ...{ maker, verifier, writer, run, request },
      folders: new FileFolders(storePath),
      records: this.#records,
      verified: await dependencies.verifiedLog.read(storePath, kind, group),
    };
  }

  async #rememberFaults(specs: readonly Spec[]): Promise<void> {
    const faults = await this.#notes.read();
    for (const { key } of specs) {
      const count = faults.get(key);
      if (count !== undefined) this.#scope.heartbeat.rememberFaults(key, count);
    }
  }

  /** Whichever worker made the attempt before. */
  #rememberRests(): void {
    const { dependencies, heartbeat } = this.#scope;
    for (const [host, rest] of Object.entries(heartbeat.rests)) dependencies.sources.rest(host, rest);
  }

  async #settle(spec: Spec): Promise<void> {
    const { dependencies, storePath, heartbeat } = this.#scope;
    const settled = heartbeat.settledOutcome(spec.key);
    if (settled?.status === 'failed') return this.#countFailed(spec, settled.reason);
    if (settled?.status === 'deferred') return this.#countDeferred(spec, settled, settled.reason);
    heartbeat.start(spec);
    try {
      await dependencies.door.stayOwner(this.#input, storePath);
      this.#settling ??= this.#prepare();
      const settling = await this.#settling;
      if (this.#hands?.isGivenUp(spec)) return this.#fail(spec, killer(spec), heartbeat.attemptsOf(spec.key));
      const result = await settleFile(settling, spec, this.#toolsFor(spec));
      if (result.status === 'failed' && result.fault.reason === 'unreadable')
        return await this.#unreadable.keep(spec, result.fault);
      this.#unreadable.count(result);
      this.#take(spec, result);
    } catch (error) {
      // One file saw what concerns them all (full disk, lost mount): no sense in going on with the others.
      if (!this.#signal.aborted) this.#stop.abort(error);
      throw error;
    } finally {
      heartbeat.leave(spec);
    }
  }

  #take(spec: Spec, result: FileResult): void {
    switch (result.status) {
      case 'failed':
        this.#judge(spec, result.fault);
        return;
      case 'partial':
        this.#partialBytes += result.size;
        return;
      case 'no-room':
        this.#noRoom = true;
        return;
      case 'done':
        this.#tally = addTallies(this.#tally, {
          ...doneTally(result.size, result.how === 'stored', result),
          ...swept(result.swept),
        });
        if (result.how === 'stored') this.#stored.push(spec.path);
        this.#scope.heartbeat.finish(spec, result.wasRead ? 'done' : 'vouched');
        this.#notes.done(spec.key);
        return;
      default:
        result satisfies never;
    }
  }

  #judge(spec: Spec, fault: FileFault): void {
    this.#scope.heartbeat.noteFault(fault.reason);
    if (fault.gate !== undefined) {
      this.#gate = fault.gate;
      this.#scope.heartbeat.say(`waits: ${fault.reason}: ${fault.detail}`);
      return;
    }
    switch (reactionOf(fault)) {
      case 'stop':
        if (!this.#signal.aborted) {
          this.#keepRest(fault);
          this.#scope.heartbeat.say(`waits: ${fault.reason}: ${fault.detail}`);
          this.#stop.abort(stopFailure(fault, stopWaitMs(fault, this.#scope.heartbeat.attempt)));
        }
        return;
      case 'hold':
        if (this.#crowded.keep(spec, fault)) return;
        this.#keepRest(fault);
        this.#held.push({ spec, fault });
        return;
      case 'defer':
        this.#defer(spec, fault);
        return;
      case 'outcome':
        this.#fail(spec, fault, this.#scope.heartbeat.attemptsOf(spec.key) + 1);
        return;
      case 'retry': {
        // Only looking: there is nothing that another attempt could change.
        const looking = this.#input.request.fetch === 'nothing';
        const attempts = looking ? 1 : this.#scope.heartbeat.countFault(spec.key, fault.progressedBytes);
        const isKiller = fault.reason === 'killed-worker';
        const isLast = isKiller
          ? (this.#hands?.isGivenUp(spec) ?? true)
          : looking || attempts >= this.#input.request.numAttempts;
        if (isLast) this.#fail(spec, fault, attempts);
        else this.#unfinished.push({ spec, fault, attempts });
      }
    }
  }

  #fail(spec: Spec, fault: FileFault, attempts: number): void {
    const failure: FileFailure = {
      kind: spec.kind,
      key: spec.key,
      path: spec.path,
      outcome: failedOutcomeOf(fault.reason),
      reason: fault.reason,
      detail: fault.detail,
      attempts,
    };
    this.#failures.push(failure);
    this.#notes.fail(failure, () => this.#scope.heartbeat.settleFailed(failure));
    this.#countFailed(spec, fault.reason);
  }

  #countFailed(spec: Spec, reason: FileFailure['reason']): void {
    this.#failedKeys.push(spec.key);
    this.#tally = addTallies(this.#tally, failedTally(spec.key, reason));
    this.#scope.heartbeat.finish(spec, 'failed');
  }

  #defer(spec: Spec, fault: FileFault): void {
    const waitMs = deferralMs(fault.retryAfterMs, this.#scope.dependencies.quotaWaitMs);
    const wait = noteWait(Date.now(), waitMs);
    this.#scope.heartbeat.settleDeferred(spec.key, { ...wait, reason: fault.reason });
    this.#countDeferred(spec, wait, fault.reason);
  }

  #countDeferred(spec: Spec, wait: NotedWait, reason: string): void {
    this.#deferredKeys.push(spec.key);
    this.#tally = addTallies(this.#tally, deferredTally);
    const until = endOfWait(wait, Date.now());
    const firstMs = wait.waitMs ?? this.#scope.dependencies.quotaWaitMs;
    if (this.#deferred === undefined || until < this.#deferred.until)
      this.#deferred = { until, firstMs, reason };
  }

  #keepRest({ host, reason, detail, retryAfterMs }: FileFault): void {
    if (host === undefined || retryAfterMs === undefined || !isRestReason(reason)) return;
    this.#scope.heartbeat.rememberRest(host, { ...noteWait(Date.now(), retryAfterMs), reason, detail });
  }

  /** The others are settled, or wait for another attempt of their own. */
  #heldAttempt(): Error {
    const { attempt } = this.#scope.heartbeat;
    const waits = this.#held.map(({ spec, fault }) => ({ spec, fault, waitMs: stopWaitMs(fault, attempt) }));
    // Those that can go on soonest decide: a host that rests is not asked before its time, whoever else goes on.
    const soonest = waits.reduce((one, other) => (other.waitMs < one.waitMs ? other : one));
    const others = waits.length + this.#unfinished.length - 1;
    const more = others === 0 ? '' : `; and ${others} more unfinished`;
    this.#scope.heartbeat.say(`waits: ${soonest.fault.reason}: ${soonest.fault.detail}`);
    const waitMs =
      this.#unfinished.length === 0 ? soonest.waitMs : Math.min(soonest.waitMs, this.#faultWaitMs());
    return stopFailure({ ...soonest.fault, detail: `${soonest.fault.detail}${more}` }, waitMs);
  }

  #nextAttempt(): Error {
    const first = this.#unfinished
      .slice(0, 3)
      .map(
        ({ spec, fault, attempts }) =>
          `${spec.path} (fault ${attempts} of ${this.#input.request.numAttempts}): ${fault.detail}`,
      );
    const more =
      this.#unfinished.length > first.length ? `; and ${this.#unfinished.length - first.length} more` : '';
    const files = this.#unfinished.length === 1 ? 'file' : 'files';
    return unfinishedFailure(
      `${this.#unfinished.length} ${files} unfinished: ${first.join('; ')}${more}`,
      this.#faultWaitMs(),
    );
  }

  /** A file that came forward deserves another try at once; the others wait by their own count of faults. */
  #faultWaitMs(): number {
    const waits = this.#unfinished.map(({ fault, attempts }) =>
      fault.progressedBytes > 0 ? 1_000 : fileBackoffMs(attempts),
    );
    return Math.min(...waits);
  }

  #result(interrupted: boolean): BundleResult {
    const deferred = this.#deferred;
    const ids = (keys: readonly string[]) => (this.#work.hasIds ? idsOfKeys(keys) : '');
    return {
      tally: this.#tally,
      failedIds: ids(this.#failedKeys),
      interrupted,
      ...(this.#noRoom ? { noRoom: true } : {}),
      ...(this.#gate === undefined ? {} : { gate: this.#gate }),
      ...(deferred && {
        deferred: {
          ids: ids(this.#deferredKeys),
          reason: deferred.reason,
          waitMs: deferred.until - Date.now(),
          firstMs: deferred.firstMs,
          baseMs: this.#scope.dependencies.quotaWaitMs,
        },
      }),
    };
  }
}

import { setMaxListeners } from 'node:events';
import type { FileSpec } from '../domain/file-spec.ts';
import { formatIds, type ImageId, parseIds } from '../domain/ids.ts';
import { MANIFEST_FILE, NO_FOLDER, statePaths } from '../domain/layout.ts';
import type { FileFailure } from '../domain/outcome.ts';
import { failedOutcomeOf } from '../domain/outcome.ts';
import { addTallies, emptyTally, type Tally } from '../domain/progress.ts';
import { filesFor } from '../domain/reference-files.ts';
import type { BundleInput, BundleResult } from '../domain/run.ts';
import { deferralMs, fileBackoffMs, verdictOfFault } from '../domain/source-failure.ts';
import { deferredTally, doneTally, failedTally } from '../domain/tally-file.ts';
import { BundleProgress } from './bundle-progress.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { stopFailure, unfinishedFailure } from './failures.ts';
import { enterStore, stayOwner } from './run-activity.ts';
import {
  type FileContext,
  type FileFault,
  type FileResult,
  notesWritten,
  settleFile,
} from './settle-file.ts';
import { makeSource } from './sources/index.ts';
import { readSlice } from './store/manifest-slices.ts';
import { surveyFolder } from './store/partial-file.ts';
import { folderName, makeSafeFolder } from './store/safe-folder.ts';
import { readVerified } from './store/verified-records.ts';

/**
 * Settles the files of a bundle, several at a time. A file's passing fault does not stop the others: they are finished,
 * then the attempt fails, and the next one does only what is unfinished. Faults are counted per file in the heartbeat
 * details, so kills, drains and waits count for nobody.
 */
export function makeFetchBundle(dependencies: ActivityDependencies) {
  return async function fetchBundle(input: BundleInput): Promise<BundleResult> {
    const progress = BundleProgress.begin();
    try {
      const storePath = await enterStore(dependencies, input);
      const specs = await specsOf(storePath, input);
      progress.setTotals(specs);
      const bundle = new BundleAttempt(dependencies, input, storePath, progress);
      return await bundle.settleAll(specs);
    } finally {
      progress.end();
    }
  };
}

async function specsOf(storePath: string, input: BundleInput): Promise<readonly FileSpec[]> {
  const { files } = input;
  if (files.kind === 'licenses' || files.kind === 'json') return filesFor(files.kind, input.request);
  const slice = await readSlice(storePath, files.manifestMd5, files.kind, files.folder);
  return parseIds(files.ids).map((id) => {
    const spec = slice.get(id);
    if (spec === undefined)
      throw new Error(`slice [${files.kind}/${files.folder}]: expected record ${id}, got none`);
    return spec;
  });
}

/** One attempt of the Activity: what it has settled so far, and why it must end early if it must. */
class BundleAttempt {
  readonly #dependencies: ActivityDependencies;
  readonly #input: BundleInput;
  readonly #storePath: string;
  readonly #progress: BundleProgress;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #contexts = new Map<string, Promise<FileContext>>();
  readonly #notes: Promise<void>[] = [];
  readonly #failures: FileFailure[] = [];
  readonly #failedKeys: string[] = [];
  readonly #deferredKeys: string[] = [];
  readonly #unfinished: { readonly spec: FileSpec; readonly fault: FileFault; readonly attempts: number }[] =
    [];
  #tally: Tally = emptyTally;
  #deferred: { readonly until: number; readonly reason: string } | undefined;

  constructor(
    dependencies: ActivityDependencies,
    input: BundleInput,
    storePath: string,
    progress: BundleProgress,
  ) {
    this.#dependencies = dependencies;
    this.#input = input;
    this.#storePath = storePath;
    this.#progress = progress;
    this.#signal = AbortSignal.any([progress.signal, this.#stop.signal]);
    // Every file of the bundle listens; that is no leak.
    setMaxListeners(0, this.#signal);
  }

  async settleAll(specs: readonly FileSpec[]): Promise<BundleResult> {
    const results = await Promise.allSettled(
      specs.map((spec) =>
        this.#dependencies.fileSlots.use(1, this.#signal, async () => {
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

  async #settle(spec: FileSpec): Promise<void> {
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
      const result =
        (await this.#manifestInPlace(spec)) ??
        (await settleFile(await this.#contextFor(spec), spec, (bytes) =>
          this.#progress.addBytes(spec, bytes),
        ));
      if (result.status === 'failed') {
        this.#judge(spec, result.fault);
        return;
      }
      if (result.status === 'partial') throw new Error('unreachable: a bundle asks for whole files');
      this.#tally = addTallies(this.#tally, doneTally(result.size, result.how === 'stored'));
      this.#progress.finish(spec, 'done');
    } catch (error) {
      // One file saw what concerns them all (full disk, lost mount): no sense in going on with the others.
      if (!this.#signal.aborted) this.#stop.abort(error);
      throw error;
    } finally {
      this.#progress.leave(spec);
    }
  }

  /** A manifest named by URL waits elsewhere until it has been read; an earlier run's lies in its place by now. */
  async #manifestInPlace(spec: FileSpec): Promise<FileResult | undefined> {
    if (spec.path !== statePaths.incomingManifest || spec.md5 === undefined) return undefined;
    const inPlace = { ...spec, path: MANIFEST_FILE };
    const context = await this.#contextFor(inPlace);
    const onlyLooking = { ...context, request: { ...context.request, fetch: 'nothing' as const } };
    const result = await settleFile(onlyLooking, inPlace, (bytes) => this.#progress.addBytes(spec, bytes));
    return result.status === 'done' ? result : undefined;
  }

  #judge(spec: FileSpec, fault: FileFault): void {
    switch (verdictOfFault(fault.reason)) {
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

  #fail(spec: FileSpec, fault: FileFault, attempts: number): void {
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

  #countFailed(spec: FileSpec, reason: FileFailure['reason']): void {
    this.#failedKeys.push(spec.key);
    this.#tally = addTallies(this.#tally, failedTally(spec.key, reason));
    this.#progress.finish(spec, 'failed');
  }

  #defer(spec: FileSpec, fault: FileFault): void {
    const until = Date.now() + deferralMs(fault.retryAfterMs, this.#dependencies.quotaWaitMs);
    this.#progress.settleDeferred(spec.key, until, fault.reason);
    this.#countDeferred(spec, until, fault.reason);
  }

  #countDeferred(spec: FileSpec, until: number, reason: string): void {
    this.#deferredKeys.push(spec.key);
    this.#tally = addTallies(this.#tally, deferredTally);
    if (this.#deferred === undefined || until < this.#deferred.until) this.#deferred = { until, reason };
  }

  async #noteFailures(): Promise<void> {
    const { run, files } = this.#input;
    const group = 'folder' in files ? files.folder : NO_FOLDER;
    await this.#dependencies.failureLog.append(this.#storePath, run, files.kind, group, this.#failures);
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
    const ids = (keys: readonly string[]) => ('folder' in this.#input.files ? idsOf(keys) : '');
    return {
      tally: this.#tally,
      failedIds: ids(this.#failedKeys),
      interrupted,
      ...(this.#deferred ? { deferred: { ids: ids(this.#deferredKeys), ...this.#deferred } } : {}),
    };
  }

  /** Files of a bundle lie in one folder, or in a few: each is checked and listed once. */
  #contextFor(spec: FileSpec): Promise<FileContext> {
    const folder = folderName(spec.path);
    let context = this.#contexts.get(folder);
    if (context === undefined) {
      context = this.#makeContext(folder, spec);
      this.#contexts.set(folder, context);
    }
    return context;
  }

  async #makeContext(folder: string, spec: FileSpec): Promise<FileContext> {
    const { request, run, files } = this.#input;
    const absolute = await makeSafeFolder(this.#storePath, folder);
    const group = 'folder' in files ? files.folder : NO_FOLDER;
    const deps = { http: this.#dependencies.http, allowedHosts: request.allowedHosts };
    // A manifest or a licence that the user named by URL comes from there, whatever the source of the pictures is.
    const named =
      (files.kind === 'json' && request.manifest.name === 'other') ||
      (files.kind === 'licenses' && request.license.name === 'url');
    return {
      dependencies: this.#dependencies,
      storePath: this.#storePath,
      folder: absolute,
      group,
      run,
      request,
      source: makeSource(named ? { name: 'google-drive' } : request.source, deps),
      verified: await readVerified(this.#storePath, spec.kind, group),
      listing: await surveyFolder(absolute),
      signal: this.#signal,
      notes: this.#notes,
    };
  }
}

function idsOf(keys: readonly string[]): string {
  return formatIds([...new Set(keys.map(Number))].sort((a, b) => a - b) as ImageId[]);
}

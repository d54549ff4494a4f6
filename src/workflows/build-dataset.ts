import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  ContinueAsNew,
  condition,
  continueAsNew,
  log,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { MANIFEST_FILE, statePaths } from '../domain/dataset/layout.ts';
import { officialManifest } from '../domain/dataset/reference-files.ts';
import { failureType } from '../domain/failure/reasons.ts';
import type { FewFilesKind, TaskKind } from '../domain/kinds.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import { deferredSince } from '../domain/run/backoff.ts';
import { listed } from '../domain/run/listed-files.ts';
import { type ManifestRoute, manifestRoute } from '../domain/run/manifest-route.ts';
import { CONTINUE_AS_NEW_EVENTS, ORIGINALS_AHEAD } from '../domain/run/plan.ts';
import { emptyTally, type RunProgress, type Stage, type Tally } from '../domain/run/progress.ts';
import type { RunContext } from '../domain/run/run.ts';
import { RunTallies } from '../domain/run/tally-run.ts';
import type {
  BuildDatasetInput,
  BuildDatasetState,
  ManifestSummary,
  RunResult,
} from '../domain/run/workflow-inputs.ts';
import { runDetails } from '../domain/words/details.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { activities, lastActivities } from './activity-options.ts';
import { Children } from './children.ts';
import { isManifestLost } from './manifest-lost.ts';
import { pauseUpdate, progressQuery, resumeUpdate, shardProgressSignal } from './messages.ts';
import { PauseGate } from './pause-gate.ts';
import { ffhqFailed, ffhqStage } from './search-attributes.ts';
import { ShardWindow } from './shard-window.ts';
import { showDetails } from './show.ts';

/** One run: manifest -> licences -> plan -> shards and large files -> report. Decides only; Activities act. */
export async function buildDataset(input: BuildDatasetInput): Promise<RunResult> {
  const run = new DatasetRun(input);
  setHandler(progressQuery, () => run.progress());
  setHandler(shardProgressSignal, ({ kind, name, tally }) => run.noteShard(kind, name, tally));
  setHandler(pauseUpdate, () => run.setPaused(true), { validator: () => run.refusePause(true) });
  setHandler(resumeUpdate, () => run.setPaused(false), { validator: () => run.refusePause(false) });
  return run.run();
}

/** Once with what the folder has, then with what is fetched; a third time for what was found damaged on the way. */
const MOST_TRIES = 2;

/** A disk that loses its notes more often in one execution is no place for them. */
const MOST_MENDS = 20;

class DatasetRun {
  readonly #input: BuildDatasetInput;
  readonly #context: RunContext;
  readonly #children: Children;
  #tallies: RunTallies;
  #mending: Promise<void> | undefined;
  #mends = 0;
  readonly #gate: PauseGate;
  #stage: Stage = 'manifest';
  #window: ShardWindow | undefined;
  #at = new Date().toISOString();
  #failedShown = 0;

  constructor(input: BuildDatasetInput) {
    const { store, owner, request, state } = input;
    this.#input = input;
    this.#context = { store, owner, request, run: state?.run ?? workflowInfo().firstExecutionRunId };
    this.#gate = new PauseGate(state?.paused ?? false);
    this.#tallies = new RunTallies(state?.kinds ?? {});
    this.#children = new Children(this.#context, input.searchAttributes);
  }

  async run(): Promise<RunResult> {
    try {
      const state = this.#input.state ?? (await this.#prepare());
      await this.#fetch(state);
      return await this.#report(state.manifest);
    } catch (error) {
      if (!(error instanceof ContinueAsNew)) await this.#release();
      throw error;
    }
  }

  progress(): RunProgress {
    return {
      stage: this.#stage,
      paused: this.#gate.paused,
      at: this.#at,
      kinds: this.#tallies.all,
      waits: this.#window?.waits() ?? [],
      children: this.#children.open,
      counted: this.#window?.counted() ?? {},
    };
  }

  noteShard(kind: TaskKind, name: string, tally: Tally): void {
    this.#window?.note(kind, name, tally);
    this.#show();
  }

  refusePause(paused: boolean): void {
    if (this.#stage === 'report' || this.#stage === 'done') {
      throw ApplicationFailure.nonRetryable('the run is about to end', 'Input.Pause');
    }
    if (paused && this.#gate.paused)
      throw ApplicationFailure.nonRetryable('the run is paused already', 'Input.Pause');
    if (!paused && !this.#gate.paused)
      throw ApplicationFailure.nonRetryable('the run is not paused', 'Input.Pause');
  }

  async setPaused(paused: boolean): Promise<string> {
    this.#gate.set(paused);
    this.#show();
    await this.#children.setPaused(paused);
    return paused ? 'paused' : 'resumed';
  }

  /** Everything before the first picture: whose folder, which records, which licences, what is there already. */
  async #prepare(): Promise<BuildDatasetState> {
    const context = this.#context;
    this.#enter('manifest');
    await activities.claimStore({ ...context, takeOver: this.#input.takeOver });
    const manifest = await this.#manifest();
    await this.#fetchListed('licenses');
    this.#enter('plan');
    const plan = await this.#withManifest(manifest, () =>
      this.#unlessPaused(() =>
        activities.planRun.executeWithOptions(summarized(markdown`${manifest.records} records`), [
          { ...context, manifest },
        ]),
      ),
    );
    this.#tallies = new RunTallies({ ...this.#tallies.all, ...plan.kinds });
    return {
      run: context.run,
      paused: this.#gate.paused,
      manifest,
      shardCount: plan.shards.length,
      pending: plan.shards,
      largeFiles: plan.largeFiles,
      kinds: this.#tallies.settled,
    };
  }

  /** Its records in slices, and the crops of its faces where those are wanted. What turns out to be lost is fetched. */
  async #manifest(): Promise<ManifestSummary> {
    return this.#unlessLost((tries) => this.#load(tries > 0, undefined));
  }

  /** The folder keeps it whole again afterwards: made anew from its text, and that fetched where it is lost, too. */
  async #mend(manifest: ManifestSummary): Promise<void> {
    if (++this.#mends > MOST_MENDS)
      throw ApplicationFailure.nonRetryable(
        `store [path=${this.#context.store.path}]: expected the manifest's notes to stay as they are written, got them damaged ${MOST_MENDS} times`,
        failureType('Store', 'manifest-lost'),
      );
    log.warn('what the folder keeps of the manifest was missing or damaged: it is made anew');
    await this.#unlessLost((tries) => this.#load(tries > 0, manifest));
  }

  async #load(fetches: boolean, known: ManifestSummary | undefined): Promise<ManifestSummary> {
    const context = this.#context;
    const again = known === undefined ? {} : { again: known.md5 };
    const suffix = known === undefined ? markdown`` : markdown`, again: what is kept of it was damaged`;
    const route = manifestRoute(context.request);
    if (route === 'photos') {
      return this.#unlessPaused(() =>
        activities.planPhotos.executeWithOptions(summarized(markdown`landmarks and photographs${suffix}`), [
          { ...context, ...again },
        ]),
      );
    }
    const failure = known === undefined || fetches ? await this.#fetchManifest(route) : undefined;
    const manifest = await this.#unlessPaused(() =>
      activities.loadManifest.executeWithOptions(summarized(markdown`${shown(MANIFEST_FILE)}${suffix}`), [
        { ...context, ...again, ...(failure === undefined ? {} : { failure }) },
      ]),
    );
    if (context.request.align !== undefined) {
      await this.#unlessPaused(() =>
        activities.planCrops.executeWithOptions(summarized(markdown`${manifest.records} faces${suffix}`), [
          { ...context, manifest, ...again },
        ]),
      );
    }
    return manifest;
  }

  /** Work that finds the manifest's text lost is done once more, now with a fetched one. */
  async #unlessLost<Result>(work: (tries: number) => Promise<Result>): Promise<Result> {
    for (let tries = 0; ; tries++) {
      try {
        return await work(tries);
      } catch (error) {
        if (!isManifestLost(error) || tries === MOST_TRIES) throw error;
      }
    }
  }

  /** Work that needs what the folder keeps of the manifest; where that is lost, it is mended first. */
  async #withManifest<Result>(manifest: ManifestSummary, work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isManifestLost(error)) throw error;
        await this.#mend(manifest);
      }
    }
  }

  /** Answers why the manifest could not be fetched, if it could not. */
  async #fetchManifest(route: ManifestRoute): Promise<string | undefined> {
    await this.#gate.untilOpen();
    if (route === 'bundle') {
      await this.#fetchListed('json');
      const failures = Object.keys(this.#tallies.all.json?.failures ?? {});
      return failures.length === 0 ? undefined : failures.join(', ');
    }
    if (route !== 'large-file') return undefined;
    this.#count('json', { ...emptyTally, files: 1, bytes: officialManifest.size });
    const { tally, failure } = await this.#children.fetchLargeFile(officialManifest, () => this.#gate.paused);
    this.#count('json', tally);
    return failure;
  }

  /** The few files outside the thousand-folders; those under quota are waited for, because the rest needs them. */
  async #fetchListed(kind: FewFilesKind): Promise<void> {
    const files = listed[kind].files(this.#context.request);
    if (files.length === 0) return;
    const bytes = files.reduce((sum, file) => sum + (file.size ?? 0), 0);
    for (;;) {
      const summary = shown(files.length === 1 ? kind : `${kind} (${files.length} files)`);
      const result = await this.#unlessPaused(() =>
        activities.fetchBundle.executeWithOptions(summarized(summary), [
          { ...this.#context, files: { kind } },
        ]),
      );
      if (result.interrupted) continue;
      if (result.deferred === undefined) {
        // Files of unknown size count as large as they turned out to be.
        this.#count(kind, { ...result.tally, files: files.length, bytes: bytes || result.tally.doneBytes });
        return;
      }
      const { until, reason } = deferredSince(Date.now(), result.deferred);
      await sleep(until - Date.now(), summarized(waitSummary(reason, until)));
    }
  }

  async #fetch(state: BuildDatasetState): Promise<void> {
    this.#enter('fetch');
    const window = new ShardWindow(state, this.#children, this.#tallies, {
      isPaused: () => this.#gate.paused,
      isHistoryLong: () => workflowInfo().historyLength >= CONTINUE_AS_NEW_EVENTS,
      onChange: () => this.#show(),
      // One mends for all that ask meanwhile.
      mendManifest: () => {
        this.#mending ??= this.#mend(state.manifest).finally(() => {
          this.#mending = undefined;
        });
        return this.#mending;
      },
      originalsAhead: this.#context.request.align?.discardOriginals ? ORIGINALS_AHEAD : undefined,
    });
    this.#window = window;
    await window.run();
    if (!window.hasMore) return;
    await condition(allHandlersFinished);
    await continueAsNew<typeof buildDataset>({
      ...this.#input,
      state: { ...state, ...window.left(), paused: this.#gate.paused, kinds: this.#tallies.settled },
    });
  }

  async #report(manifest: ManifestSummary): Promise<RunResult> {
    this.#enter('report');
    const input = { ...this.#context, manifest, findForeign: this.#context.request.trust === 'contents' };
    const { status, foreignFiles } = await this.#withManifest(manifest, () =>
      activities.writeReport.executeWithOptions(summarized(shown(statePaths.reportText)), [
        { ...input, progress: this.progress() },
      ]),
    );
    await this.#release();
    await condition(allHandlersFinished);
    this.#enter('done');
    return {
      status,
      progress: this.progress(),
      records: manifest.records,
      report: statePaths.reportText,
      foreignFiles,
    };
  }

  /** Also when the run ends before its time. A folder that is gone by then keeps nobody waiting. */
  async #release(): Promise<void> {
    try {
      await CancellationScope.nonCancellable(() => lastActivities.releaseStore(this.#context));
    } catch (error) {
      log.warn('the folder could not be released', { error });
    }
  }

  /** An Activity of the run's own: a pause stops it, and it is done again afterwards. */
  async #unlessPaused<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      await this.#gate.untilOpen();
      let done: { readonly result: Result } | undefined;
      await this.#gate.whileOpen(async () => {
        done = { result: await work() };
      });
      if (done !== undefined) return done.result;
    }
  }

  #count(kind: FewFilesKind, tally: Tally): void {
    const had = this.#tallies.all[kind] ?? emptyTally;
    const whole = { ...tally, files: tally.files || had.files, bytes: tally.bytes || had.bytes };
    this.#tallies.set(kind, whole);
    this.#show();
  }

  #enter(stage: Stage): void {
    this.#stage = stage;
    if (this.#input.searchAttributes) upsertSearchAttributes([{ key: ffhqStage, value: stage }]);
    this.#show();
  }

  #show(): void {
    this.#at = new Date().toISOString();
    const failed = this.#tallies.failedFiles;
    if (this.#input.searchAttributes && failed !== this.#failedShown) {
      this.#failedShown = failed;
      upsertSearchAttributes([{ key: ffhqFailed, value: failed }]);
    }
    showDetails(runDetails(this.progress()));
  }
}

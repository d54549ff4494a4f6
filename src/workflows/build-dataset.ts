import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  ContinueAsNew,
  condition,
  log,
  makeContinueAsNewFunc,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { patienceOf } from '../domain/chain/patience.ts';
import { statePaths } from '../domain/dataset/layout.ts';
import type { FewFilesKind, TaskKind } from '../domain/kinds.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import { CONTINUE_AS_NEW_EVENTS, ORIGINALS_AHEAD } from '../domain/run/plan.ts';
import { emptyTally, type RunProgress, type Stage, type Tally, type Wait } from '../domain/run/progress.ts';
import type { RunContext } from '../domain/run/run.ts';
import { RunTallies } from '../domain/run/tally-run.ts';
import type {
  BuildDatasetInput,
  BuildDatasetState,
  ManifestSummary,
  RunResult,
  SelectedRecords,
} from '../domain/run/workflow-inputs.ts';
import { HeardWaits } from '../domain/waits/heard-waits.ts';
import type { Hurried } from '../domain/waits/hurried.ts';
import { runDetails } from '../domain/words/details.ts';
import { activities, lastActivities } from './activity-options.ts';
import { Children } from './children.ts';
import {
  childWaitsSignal,
  gateMovedSignal,
  pauseUpdate,
  progressQuery,
  resumeUpdate,
  retryNowUpdate,
  setLimitsUpdate,
  shardProgressSignal,
  waitsEndedSignal,
} from './contract/messages.ts';
import { ffhqFailed, ffhqStage } from './contract/search-attributes.ts';
import { changeLimits, refuseChanges } from './limits/run-limits.ts';
import { PauseGate } from './pause-gate.ts';
import { nothingWaits, retryNow } from './retry-now.ts';
import { RunGate } from './run-gate.ts';
import { RunManifest } from './run-manifest.ts';
import { RunNotices } from './run-notices.ts';
import { showDetails } from './show.ts';
import { ShardWindow } from './window/shard-window.ts';

/** One run: manifest -> licences -> plan -> shards and large files -> report. Decides only; Activities act. */
export async function buildDataset(input: BuildDatasetInput): Promise<RunResult> {
  const run = new DatasetRun(input);
  setHandler(progressQuery, () => run.progress());
  setHandler(shardProgressSignal, ({ kind, name, tally }) => run.noteShard(kind, name, tally));
  setHandler(childWaitsSignal, ({ name, at, wait }) => {
    if (run.heard.isNews(name, at)) run.noteWait(name, wait);
  });
  setHandler(gateMovedSignal, () => run.source.moved());
  setHandler(pauseUpdate, () => run.setPaused(true), { validator: () => run.refusePause(true) });
  setHandler(resumeUpdate, () => run.setPaused(false), { validator: () => run.refusePause(false) });
  setHandler(waitsEndedSignal, ({ child, question, ...hurried }) =>
    run.noteWaitsEnded(child, question, hurried),
  );
  setHandler(retryNowUpdate, () => run.retryNow(), { validator: () => run.refuseRetryNow() });
  setHandler(setLimitsUpdate, changeLimits, {
    validator: (changes) => {
      run.refuseAtEnd('Input.Limits');
      refuseChanges(changes);
    },
  });
  return run.run();
}

class DatasetRun {
  readonly #input: BuildDatasetInput;
  readonly #context: RunContext;
  readonly #children: Children;
  readonly #manifest: RunManifest;
  readonly #notices: RunNotices;
  #tallies: RunTallies;
  readonly #gate: PauseGate;
  /** For the few files that the run fetches itself. */
  readonly source: RunGate;
  readonly heard = new HeardWaits(workflowInfo().runStartTime.getTime());
  /** What children wait for at gates, by Workflow Id. */
  readonly #waits = new Map<string, Wait>();
  #stage: Stage = 'manifest';
  #window: ShardWindow | undefined;
  #selected: SelectedRecords | undefined;
  #at = new Date().toISOString();
  #failedShown = 0;

  constructor(input: BuildDatasetInput) {
    const { store, owner, request, state } = input;
    this.#input = input;
    this.#context = { store, owner, request, run: state?.run ?? workflowInfo().firstExecutionRunId };
    this.#gate = new PauseGate(state?.paused ?? false);
    this.source = new RunGate(this.#gate, () => this.#show(), patienceOf(request.source));
    this.#tallies = new RunTallies(state?.kinds ?? {});
    this.#selected = state?.manifest.selected;
    this.#children = new Children(this.#context, input.searchAttributes);
    this.#manifest = new RunManifest(this.#context, {
      gate: this.#gate,
      source: this.source,
      children: this.#children,
      onTally: (kind, tally) => this.#count(kind, tally),
      tallyOf: (kind) => this.#tallies.all[kind],
      onWait: () => this.#show(),
    });
    this.#notices = new RunNotices(this.#context, input.notify, () => this.progress(), state?.notices);
  }

  async run(): Promise<RunResult> {
    try {
      const state = this.#input.state ?? (await this.#prepare());
      await this.#fetch(state);
      return await this.#report(state.manifest);
    } catch (error) {
      if (!(error instanceof ContinueAsNew)) {
        await this.#release();
        await this.#notices.tellEnd('failed');
      }
      throw error;
    }
  }

  progress(): RunProgress {
    return {
      stage: this.#stage,
      paused: this.#gate.paused,
      at: this.#at,
      kinds: this.#tallies.all,
      waits: [...this.#waitsAtGates(), ...this.#manifest.waits(), ...(this.#window?.waits() ?? [])],
      children: this.#children.open,
      counted: this.#window?.counted() ?? {},
      ...this.#selection(),
    };
  }

  #selection(): Pick<RunProgress, 'selection'> {
    const { selection } = this.#context.request;
    if (selection === undefined) return {};
    const { records, of } = this.#selected ?? {};
    const counts = records === undefined || of === undefined ? {} : { records, of };
    return { selection: { words: selection.words, ...counts } };
  }

  /** Of a child that is open; whatever others say is passed over. */
  noteWait(child: string, wait: Wait | undefined): void {
    if (wait !== undefined && this.#children.mayBeOpen(child)) this.#waits.set(child, wait);
    else this.#waits.delete(child);
    this.#show();
  }

  noteShard(kind: TaskKind, name: string, tally: Tally): void {
    this.#window?.note(kind, name, tally);
    this.#show();
  }

  refuseAtEnd(type: string): void {
    if (this.#stage === 'report' || this.#stage === 'done')
      throw ApplicationFailure.nonRetryable('the run is about to end', type);
  }

  refusePause(paused: boolean): void {
    this.refuseAtEnd('Input.Pause');
    if (paused && this.#gate.paused)
      throw ApplicationFailure.nonRetryable('the run is paused already', 'Input.Pause');
    if (!paused && !this.#gate.paused)
      throw ApplicationFailure.nonRetryable('the run is not paused', 'Input.Pause');
  }

  async setPaused(paused: boolean): Promise<string> {
    this.#gate.set(paused);
    this.#show();
    if (paused) this.#notices.tell('paused');
    await this.#children.setPaused(paused);
    return paused ? 'paused' : 'resumed';
  }

  /** What children wait for only they know: they are asked. */
  refuseRetryNow(): void {
    if (this.progress().waits.length === 0 && this.#children.open.length === 0) throw nothingWaits();
  }

  async retryNow(): Promise<string> {
    const hurries = [
      () => this.source.hurry(),
      () => ({ ended: this.#manifest.retryNow() }),
      () => ({ ended: this.#window?.retryNow() ?? 0 }),
      () => this.#children.retryNow(),
    ];
    const answer = retryNow(hurries, this.#gate.paused);
    this.#show();
    return answer;
  }

  noteWaitsEnded(child: string, question: number, hurried: Hurried): void {
    this.#children.noteWaitsEnded(child, question, hurried);
  }

  /** Everything before the first picture: whose folder, which records, which licences, what is there already. */
  async #prepare(): Promise<BuildDatasetState> {
    const context = this.#context;
    this.#enter('manifest');
    await activities.claimStore({ ...context, takeOver: this.#input.takeOver });
    const manifest = await this.#manifest.load();
    this.#selected = manifest.selected;
    await this.#manifest.fetchListed('licenses');
    this.#enter('plan');
    const plan = await this.#manifest.with(manifest, () =>
      this.#gate.unlessClosed(() =>
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

  async #fetch(state: BuildDatasetState): Promise<void> {
    this.#enter('fetch');
    const window = new ShardWindow(state, this.#children, this.#tallies, {
      isPaused: () => this.#gate.paused,
      isHistoryLong: () => workflowInfo().historyLength >= CONTINUE_AS_NEW_EVENTS,
      onChange: () => this.#show(),
      mendManifest: () => this.#manifest.mend(state.manifest),
      originalsAhead: this.#context.request.align?.discardOriginals ? ORIGINALS_AHEAD : undefined,
    });
    this.#window = window;
    await window.run();
    if (!window.hasMore) return;
    await condition(allHandlersFinished);
    const notices = this.#notices.carried;
    const { memo } = workflowInfo();
    // With what became of the memo since the start.
    const continueAsNew = makeContinueAsNewFunc<typeof buildDataset>(memo === undefined ? {} : { memo });
    await continueAsNew({
      ...this.#input,
      state: {
        ...state,
        ...window.left(),
        paused: this.#gate.paused,
        kinds: this.#tallies.settled,
        ...(notices === undefined ? {} : { notices }),
      },
    });
  }

  async #report(manifest: ManifestSummary): Promise<RunResult> {
    this.#enter('report');
    const input = { ...this.#context, manifest, findForeign: this.#context.request.trust === 'contents' };
    const { status, ...found } = await this.#manifest.with(manifest, () =>
      activities.writeReport.executeWithOptions(summarized(shown(statePaths.reportText)), [
        { ...input, progress: this.progress() },
      ]),
    );
    await this.#release();
    await this.#notices.tellEnd(status);
    await condition(allHandlersFinished);
    this.#enter('done');
    return {
      status,
      progress: this.progress(),
      records: manifest.records,
      report: statePaths.reportText,
      ...found,
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

  /** Children of a source wait for the same. */
  #waitsAtGates(): readonly Wait[] {
    const open = [...this.#waits].filter(([child]) => this.#children.mayBeOpen(child));
    const all = [...this.source.waits, ...open.map(([, wait]) => wait)];
    return [...new Map(all.map((wait) => [`${wait.what}\n${wait.reason}`, wait])).values()];
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
    this.#notices.look();
    showDetails(runDetails(this.progress()));
  }
}

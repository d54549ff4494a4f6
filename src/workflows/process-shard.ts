import {
  ApplicationFailure,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { patienceOf } from '../domain/chain/patience.ts';
import { formatIds, type ImageId, parseIds } from '../domain/dataset/ids.ts';
import { kindMadeOf, shardRow } from '../domain/kinds.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import type { Bundle, BundleResult, ShardPlan } from '../domain/run/activity-inputs.ts';
import { CONTINUE_AS_NEW_EVENTS, lanesFor } from '../domain/run/plan.ts';
import {
  accepted,
  addSwept,
  addTallies,
  type ChildProgress,
  type ChildStage,
  emptyTally,
  identical,
  swept,
  type Tally,
} from '../domain/run/progress.ts';
import type { ProcessShardInput, ShardResult, WaitingFiles } from '../domain/run/workflow-inputs.ts';
import { withWaitsEnded } from '../domain/waits/quota-wait.ts';
import {
  afterAsking,
  boundedWaits,
  onlyOf,
  toldOfFiles,
  waitingIds,
  without,
} from '../domain/waits/waiting-files.ts';
import { childDetails } from '../domain/words/details.ts';
import { bundleSummary } from '../domain/words/summaries.ts';
import { activities, bundleActivity } from './activity-options.ts';
import { isManifestLost } from './contract/manifest-lost.ts';
import {
  childProgressQuery,
  gateMovedSignal,
  setPausedSignal,
  shardProgressSignal,
} from './contract/messages.ts';
import { PauseGate } from './pause-gate.ts';
import { endsWaitsWhenAsked } from './retry-now.ts';
import { RunGate } from './run-gate.ts';
import { listChild, showDetails } from './show.ts';
import { runLanes } from './window/lanes.ts';

/**
 * One thousand-folder of one kind: plan what is unfinished, work its bundles through in lanes, plan again after a pause.
 * Files that must wait for hours are left to the run, which starts the shard again when it is time; so are originals for
 * which there is no room before others have been aligned, and what the run must mend of the manifest first.
 */
export async function processShard(input: ProcessShardInput): Promise<ShardResult> {
  const shard = new Shard(input);
  setHandler(setPausedSignal, (paused) => shard.gate.set(paused));
  endsWaitsWhenAsked(
    () => ({ ended: shard.endWaits() }),
    () => shard.source.hurry(),
  );
  setHandler(gateMovedSignal, () => shard.source.moved());
  setHandler(childProgressQuery, () => shard.progress());
  return shard.run();
}

class Shard {
  readonly gate: PauseGate;
  readonly source: RunGate;
  readonly #input: ProcessShardInput;
  readonly #settled: Set<ImageId>;
  #tally: Tally;
  #signalsSent: number;
  /** Files under quota; a new plan leaves them out until their time has come. */
  #waiting: readonly WaitingFiles[];
  /** In the bundles under way: whatever was refused before, it does not wait now. */
  readonly #asked = new Set<ImageId>();
  /** Some of them may be asked for sooner than the last plan knew. */
  #isHurried = false;
  #manifestLost = false;
  #noRoom = false;
  /** Once is enough: what still has no word said of it then is fetched anew. */
  #hasLooked = false;
  #at = new Date().toISOString();

  constructor(input: ProcessShardInput) {
    this.#input = input;
    this.gate = new PauseGate(input.paused);
    this.source = new RunGate(
      this.gate,
      () => this.#show(),
      patienceOf(input.request.source),
      () => this.#historyIsLong(),
    );
    this.#settled = new Set(parseIds(input.carried?.settledIds ?? ''));
    this.#tally = input.carried?.tally ?? emptyTally;
    this.#signalsSent = input.carried?.signalsSent ?? 0;
    this.#waiting = boundedWaits(input.carried?.waiting ?? [], Date.now());
  }

  async run(): Promise<ShardResult> {
    for (;;) {
      await this.gate.untilOpen();
      this.#noRoom = false;
      this.#isHurried = false;
      this.#show();
      const plan = await this.#plan();
      if (this.#manifestLost) return this.#end();
      if (plan === undefined) continue;
      if (plan.lookFirst && !this.#hasLooked) {
        this.#hasLooked = (await this.#look(plan.lookFirst)) === 'finished';
        if (this.#manifestLost) return this.#end();
        continue;
      }
      this.#show();
      if (plan.bundles.length === 0) return this.#end();
      const how = await this.#workThrough(plan);
      this.#show();
      if (this.#manifestLost) return this.#end();
      if (this.source.isMet) {
        await this.source.untilOpen();
        if (!this.#historyIsLong()) continue;
      } else if (how === 'interrupted') continue;
      if (this.#noRoom) return this.#end();
      if (!this.#historyIsLong()) {
        if (this.#isHurried) continue;
        return this.#end();
      }
      const { carried } = this.#result();
      await continueAsNew<typeof processShard>({ ...this.#input, paused: this.gate.paused, carried });
    }
  }

  progress(): ChildProgress {
    const { kind, folder } = this.#input;
    return {
      kind,
      name: folder,
      paused: this.gate.paused,
      at: this.#at,
      tally: this.#tally,
      waits: [...this.source.waits, ...toldOfFiles(`${kind} ${folder}`, without(this.#waiting, this.#asked))],
    };
  }

  /** What waits is asked for again now (or when the run is resumed); answers how many waits that ended. */
  endWaits(): number {
    const ended = withWaitsEnded(this.#waiting, Date.now());
    if (ended === undefined) return 0;
    this.#waiting = ended;
    this.#isHurried = true;
    return 1;
  }

  /** Undefined when a pause came in between, or the manifest is lost. */
  async #plan(): Promise<ShardPlan | undefined> {
    const { kind, folder, manifestMd5, store, owner, run, request, originalsToCome } = this.#input;
    const rest = originalsToCome ? { originalsToCome } : {};
    const waiting = waitingIds(this.#waiting, Date.now());
    const settledIds = sortedIds([...this.#settled, ...waiting]);
    let plan: ShardPlan | undefined;
    await this.gate.whileOpen(async () => {
      try {
        plan = await activities.planShard.executeWithOptions(summarized(shown(`${kind} ${folder}`)), [
          { store, owner, run, request, kind, folder, manifestMd5, settledIds, ...rest },
        ]);
      } catch (error) {
        if (!isManifestLost(error)) throw error;
        this.#manifestLost = true;
      }
    });
    if (plan === undefined) return undefined;
    const planned = plan.bundles.flatMap(({ ids }) => parseIds(ids));
    // Files that came by another way wait for nothing any more.
    if (plan.lookFirst === undefined)
      this.#waiting = onlyOf(this.#waiting, new Set([...planned, ...waiting]));
    // What was fetched and what failed is remembered; what is done is on the disk and was counted there just now.
    const { files, bytes, doneFiles, doneBytes, identicalFiles, acceptedFiles, waitingFiles = 0 } = plan;
    const gone = swept(addSwept(this.#tally.swept, plan.swept));
    const deferredFiles = waiting.length + waitingFiles;
    const found = { files, bytes, doneFiles, doneBytes, deferredFiles };
    this.#tally = {
      ...this.#tally,
      ...found,
      ...gone,
      ...identical(identicalFiles ?? 0),
      ...accepted(acceptedFiles ?? 0),
    };
    return plan;
  }

  /** Pictures made of these files, which may be gone once they have served: which are right, and which need them again? */
  async #look(bundles: readonly Bundle[]): Promise<'finished' | 'interrupted'> {
    const { folder, manifestMd5, store, owner, run, request: asked } = this.#input;
    const kind = kindMadeOf(this.#input.kind);
    if (kind === undefined) return 'finished';
    const context = { store, owner, run, request: { ...asked, fetch: 'nothing' } as const };
    return this.gate.whileOpen(async () => {
      try {
        await runLanes(
          bundles,
          lanesFor(bundles, kind),
          () => this.gate.mayGoOn,
          async (bundle) => {
            const files = { kind, folder, ids: bundle.ids, manifestMd5, onlyToKnow: true } as const;
            const summary = markdown`look at ${bundleSummary(kind, bundle)}`;
            await bundleActivity(kind).executeWithOptions(summarized(summary), [{ ...context, files }]);
          },
        );
      } catch (error) {
        if (!isManifestLost(error)) throw error;
        this.#manifestLost = true;
      }
    });
  }

  async #workThrough(plan: ShardPlan): Promise<'finished' | 'interrupted'> {
    const every = Math.ceil(plan.bundles.length / (this.#input.signals - this.#signalsSent + 1));
    let finished = 0;
    const mayTakeNext = () =>
      this.gate.mayGoOn &&
      !this.source.isMet &&
      !this.#manifestLost &&
      !this.#noRoom &&
      !this.#isHurried &&
      !this.#historyIsLong();
    return this.gate.whileOpen(() =>
      runLanes(plan.bundles, lanesFor(plan.bundles, this.#input.kind), mayTakeNext, async (bundle) => {
        await this.#settle(bundle);
        finished++;
        if (finished % every === 0 && finished < plan.bundles.length) await this.#signalProgress();
      }),
    );
  }

  async #settle(bundle: Bundle): Promise<void> {
    const { store, owner, run, request, kind, folder, manifestMd5 } = this.#input;
    const summary = bundleSummary(kind, bundle);
    const files = { kind, folder, ids: bundle.ids, manifestMd5 };
    const asked = parseIds(bundle.ids);
    for (const id of asked) this.#asked.add(id);
    try {
      const result = await bundleActivity(kind).executeWithOptions(summarized(summary), [
        { store, owner, run, request, files },
      ]);
      this.#tally = addTallies(this.#tally, result.tally);
      for (const id of parseIds(result.failedIds)) this.#settled.add(id);
      if (result.noRoom) this.#noRoom = true;
      for (const id of asked) this.#asked.delete(id);
      this.#remember(bundle, result);
      this.source.meet(result.gate);
      this.#show();
    } catch (error) {
      if (isManifestLost(error)) {
        this.#manifestLost = true;
        return;
      }
      // Cancelled while it waited for its next attempt: a pause plans it again.
      if (!isCancellation(error) || this.gate.mayGoOn) throw error;
    } finally {
      for (const id of asked) this.#asked.delete(id);
    }
  }

  /** Which of its files wait now, and that the others do not any more. */
  #remember(bundle: Bundle, { deferred, interrupted, noRoom }: BundleResult): void {
    const isOver = !interrupted && noRoom !== true;
    const answer = { asked: parseIds(bundle.ids), deferred, isOver };
    this.#waiting = afterAsking(this.#waiting, answer, Date.now(), Math.random);
  }

  async #signalProgress(): Promise<void> {
    const parent = workflowInfo().parent;
    if (parent === undefined || this.#signalsSent >= this.#input.signals) return;
    this.#signalsSent++;
    const { kind, folder } = this.#input;
    try {
      await getExternalWorkflowHandle(parent.workflowId).signal(shardProgressSignal, {
        kind,
        name: folder,
        tally: this.#tally,
      });
    } catch (error) {
      // Only for show: a run that is just closing does not take it any more.
      if (!(error instanceof ApplicationFailure) && !isCancellation(error)) return;
      if (isCancellation(error) && this.gate.cancelled) throw error;
    }
  }

  #historyIsLong(): boolean {
    return workflowInfo().historyLength >= CONTINUE_AS_NEW_EVENTS;
  }

  #show(stage: ChildStage = this.#stage): void {
    this.#at = new Date().toISOString();
    listChild(stage, this.#tally.failedFiles);
    showDetails(childDetails(this.progress()));
  }

  get #stage(): ChildStage {
    return this.source.waits.length > 0 ? 'deferred' : shardRow(this.#input.kind).stage;
  }

  #end(): ShardResult {
    if (this.#manifestLost) this.#show();
    else this.#show(this.#waiting.length > 0 || this.#noRoom ? 'deferred' : 'done');
    return this.#result();
  }

  #result(): ShardResult {
    return {
      carried: {
        tally: this.#tally,
        settledIds: sortedIds([...this.#settled]),
        signalsSent: this.#signalsSent,
        ...(this.#waiting.length > 0 ? { waiting: this.#waiting } : {}),
      },
      ...(this.#manifestLost ? { manifestLost: true } : {}),
      ...(this.#noRoom ? { noRoom: true } : {}),
    };
  }
}

function sortedIds(ids: readonly ImageId[]): string {
  return formatIds([...new Set(ids)].sort((a, b) => a - b));
}

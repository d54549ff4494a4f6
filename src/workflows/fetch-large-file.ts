import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { patienceOf } from '../domain/chain/patience.ts';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import type { RangeResult } from '../domain/run/activity-inputs.ts';
import { CONTINUE_AS_NEW_EVENTS, RANGE_BYTES } from '../domain/run/plan.ts';
import {
  addTallies,
  type ChildProgress,
  type ChildStage,
  emptyTally,
  type Tally,
  type Wait,
} from '../domain/run/progress.ts';
import type { FetchLargeFileInput, LargeFileResult, QuotaWait } from '../domain/run/workflow-inputs.ts';
import { boundedWait, refusedAgain, toldOf, withWaitsEnded } from '../domain/waits/quota-wait.ts';
import { childDetails } from '../domain/words/details.ts';
import { formatBytes } from '../domain/words/format.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { rangeActivities } from './activity-options.ts';
import { childProgressQuery, gateMovedSignal, handOverSignal, setPausedSignal } from './contract/messages.ts';
import { PauseGate } from './pause-gate.ts';
import { endsWaitsWhenAsked } from './retry-now.ts';
import { RunGate } from './run-gate.ts';
import { listChild, showDetails } from './show.ts';

/**
 * One large file, by byte ranges of at most 1 GiB. What is on the disk says where the next range begins, so a lost
 * Activity, a pause or a new Run goes on there.
 */
export async function fetchLargeFile(input: FetchLargeFileInput): Promise<LargeFileResult> {
  const file = new LargeFile(input);
  setHandler(setPausedSignal, (paused) => file.gate.set(paused));
  setHandler(handOverSignal, () => file.gate.end());
  endsWaitsWhenAsked(
    () => ({ ended: file.endWait() }),
    () => file.source.hurry(),
  );
  setHandler(gateMovedSignal, () => file.source.moved());
  setHandler(childProgressQuery, () => file.progress());
  return file.run();
}

class LargeFile {
  readonly gate: PauseGate;
  readonly source: RunGate;
  readonly #input: FetchLargeFileInput;
  #size = 0;
  /** Since the last bytes that came; its time is over while it is asked for again. */
  #waiting: QuotaWait | undefined;
  #isFetching = false;
  #outcome: Tally | undefined;
  #at = new Date().toISOString();

  constructor(input: FetchLargeFileInput) {
    this.#input = input;
    this.gate = new PauseGate(input.paused);
    this.#waiting = input.waiting && boundedWait(input.waiting, Date.now());
    this.source = new RunGate(
      this.gate,
      () => this.#show(this.source.waits.length > 0 ? 'deferred' : 'fetch'),
      patienceOf(input.request.source),
      historyIsLong,
    );
  }

  async run(): Promise<LargeFileResult> {
    for (;;) {
      await this.gate.untilOpen();
      if (this.gate.ending) return this.#handOver();
      if (historyIsLong()) {
        const { waiting: _, ...input } = this.#input;
        await continueAsNew<typeof fetchLargeFile>({ ...input, paused: this.gate.paused, ...this.#left() });
      }
      // A pause need not wait for the timer, and does not end the wait.
      if (await this.#stillWaits()) continue;
      this.#isFetching = true;
      this.#show();
      const range = await this.#fetchNext();
      this.#isFetching = false;
      if (range === undefined) continue;
      if (range.deferred !== undefined) {
        this.#waiting = refusedAgain(this.#waiting, range.deferred, Date.now(), Math.random());
        continue;
      }
      if (range.interrupted) continue;
      if (range.tally.doneFiles + range.tally.failedFiles > 0) return this.#end(range);
      // Of the bytes that are there it says nothing.
      if (range.gate !== undefined) {
        this.source.meet(range.gate);
        await this.source.untilOpen();
        continue;
      }
      this.#size = range.size;
      this.#waiting = undefined;
    }
  }

  /** What it waits for is asked for again now; answers how many waits that ended. A pause is not ended by it. */
  endWait(): number {
    const [ended] = withWaitsEnded(this.#waiting ? [this.#waiting] : [], Date.now()) ?? [];
    if (ended === undefined) return 0;
    this.#waiting = ended;
    return 1;
  }

  progress(): ChildProgress {
    const { file } = this.#input;
    const whole: Tally = { ...emptyTally, files: 1, bytes: file.size };
    return {
      kind: file.kind,
      name: file.key,
      paused: this.gate.paused,
      at: this.#at,
      tally: addTallies(whole, this.#outcome ?? { ...emptyTally, doneBytes: this.#size }),
      waits: this.#waits(),
    };
  }

  #waits(): readonly Wait[] {
    if (this.source.waits.length > 0) return this.source.waits;
    return this.#waiting && !this.#isFetching ? [toldOf(this.#input.file.path, this.#waiting)] : [];
  }

  /** Undefined when a pause came in between. */
  async #fetchNext(): Promise<RangeResult | undefined> {
    const { file, store, owner, run, request } = this.#input;
    const { kind, key } = file;
    const from = Math.floor(this.#size / RANGE_BYTES) * RANGE_BYTES;
    const end = Math.min(file.size, from + RANGE_BYTES);
    const summary = markdown`${shown(file.key)} up to ${shown(formatBytes(end))} of ${shown(formatBytes(file.size))}`;
    let range: RangeResult | undefined;
    await this.gate.whileOpen(async () => {
      range = await rangeActivities.fetchRange.executeWithOptions(summarized(summary), [
        { store, owner, run, request, file: { kind, key }, end },
      ]);
    });
    return range;
  }

  /** False at once where its time has come. */
  async #stillWaits(): Promise<boolean> {
    const { until, reason } = this.#waiting ?? { until: 0, reason: '' };
    if (until <= Date.now()) return false;
    this.#show('deferred');
    await this.source.tellRun(this.#waits()[0]);
    await condition(
      () => !this.gate.open || (this.#waiting?.until ?? 0) <= Date.now(),
      until - Date.now(),
      summarized(waitSummary(reason, until)),
    );
    await this.source.tellRun(undefined);
    return true;
  }

  /** The bytes are on the disk; the next Run of the run's chain starts it again. */
  #handOver(): LargeFileResult {
    return { tally: emptyTally, handedOver: true, ...this.#left() };
  }

  #left(): Pick<LargeFileResult, 'waiting'> {
    return this.#waiting === undefined ? {} : { waiting: this.#waiting };
  }

  /** What the page of the closed child goes on saying. */
  #end({ tally, failure }: RangeResult): LargeFileResult {
    this.#outcome = tally;
    this.#waiting = undefined;
    this.#show('done');
    return { tally, ...(failure === undefined ? {} : { failure }) };
  }

  #show(stage: ChildStage = 'fetch'): void {
    this.#at = new Date().toISOString();
    listChild(stage, this.#outcome?.failedFiles ?? 0);
    showDetails(childDetails(this.progress()));
  }
}

function historyIsLong(): boolean {
  return workflowInfo().historyLength >= CONTINUE_AS_NEW_EVENTS;
}

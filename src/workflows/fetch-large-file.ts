import { condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import { markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import type { RangeResult } from '../domain/run/activity-inputs.ts';
import { deferredSince } from '../domain/run/backoff.ts';
import { CONTINUE_AS_NEW_EVENTS, RANGE_BYTES } from '../domain/run/plan.ts';
import {
  addTallies,
  type ChildProgress,
  type ChildStage,
  emptyTally,
  type Tally,
  type Wait,
} from '../domain/run/progress.ts';
import type { DeferredFiles, FetchLargeFileInput, LargeFileResult } from '../domain/run/workflow-inputs.ts';
import { childDetails } from '../domain/words/details.ts';
import { formatBytes } from '../domain/words/format.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { rangeActivities } from './activity-options.ts';
import { childProgressQuery, gateMovedSignal, handOverSignal, setPausedSignal } from './contract/messages.ts';
import { PauseGate } from './pause-gate.ts';
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
  setHandler(gateMovedSignal, () => file.source.moved());
  setHandler(childProgressQuery, () => file.progress());
  return file.run();
}

class LargeFile {
  readonly gate: PauseGate;
  readonly source: RunGate;
  readonly #input: FetchLargeFileInput;
  #size = 0;
  #wait: Wait | undefined;
  #outcome: Tally | undefined;
  #at = new Date().toISOString();

  constructor(input: FetchLargeFileInput) {
    this.#input = input;
    this.gate = new PauseGate(input.paused);
    this.source = new RunGate(
      this.gate,
      () => this.#show(this.source.waits.length > 0 ? 'deferred' : 'fetch'),
      historyIsLong,
    );
  }

  async run(): Promise<LargeFileResult> {
    for (;;) {
      await this.gate.untilOpen();
      if (this.gate.ending) return this.#handOver();
      if (historyIsLong()) {
        await continueAsNew<typeof fetchLargeFile>({ ...this.#input, paused: this.gate.paused });
      }
      this.#show();
      const range = await this.#fetchNext();
      if (range === undefined || range.interrupted) continue;
      if (range.deferred !== undefined) await this.#waitFor(deferredSince(Date.now(), range.deferred));
      else if (range.tally.doneFiles + range.tally.failedFiles > 0) return this.#end(range);
      else if (range.gate === undefined) this.#size = range.size;
      else {
        this.source.meet(range.gate);
        await this.source.untilOpen();
      }
    }
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
      waits: this.#wait ? [this.#wait] : this.source.waits,
    };
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

  async #waitFor({ until, reason }: DeferredFiles): Promise<void> {
    this.#wait = { what: this.#input.file.path, reason, until: new Date(until).toISOString() };
    this.#show('deferred');
    // A pause need not wait for the timer; what is over then is asked for again.
    await condition(
      () => !this.gate.open,
      Math.max(1_000, until - Date.now()),
      summarized(waitSummary(reason, until)),
    );
    this.#wait = undefined;
  }

  /** The bytes are on the disk; the next Run of the run's chain starts it again. */
  #handOver(): LargeFileResult {
    return { tally: emptyTally, handedOver: true };
  }

  /** What the page of the closed child goes on saying. */
  #end({ tally, failure }: RangeResult): LargeFileResult {
    this.#outcome = tally;
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

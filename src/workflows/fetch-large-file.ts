import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { ARCHIVE_RANGE_BYTES, CONTINUE_AS_NEW_EVENTS } from '../domain/run/plan.ts';
import {
  addTallies,
  type ChildProgress,
  type ChildStage,
  emptyTally,
  type Tally,
  type Wait,
} from '../domain/run/progress.ts';
import type { ArchiveResult, FetchArchiveInput, RangeResult } from '../domain/run/run.ts';
import { doneTally, failedTally } from '../domain/run/tally-file.ts';
import { childDetails } from '../domain/words/details.ts';
import { formatBytes } from '../domain/words/format.ts';
import { waitSummary } from '../domain/words/summaries.ts';
import { activities } from './activity-options.ts';
import { listChild } from './list-child.ts';
import { childProgress, setPaused } from './messages.ts';
import { PauseGate } from './pause-gate.ts';

/**
 * One large file, by byte ranges of at most 1 GiB. What is on the disk says where the next range begins, so a lost
 * Activity, a pause or a new Run goes on there.
 */
export async function fetchArchive(input: FetchArchiveInput): Promise<ArchiveResult> {
  const archive = new Archive(input);
  setHandler(setPaused, (paused) => archive.gate.set(paused));
  setHandler(childProgress, () => archive.progress());
  return archive.run();
}

class Archive {
  readonly gate: PauseGate;
  readonly #input: FetchArchiveInput;
  #size = 0;
  #faults: number;
  #wait: Wait | undefined;
  #outcome: Tally | undefined;
  #at = new Date().toISOString();

  constructor(input: FetchArchiveInput) {
    this.#input = input;
    this.gate = new PauseGate(input.paused);
    this.#faults = input.faults ?? 0;
  }

  async run(): Promise<ArchiveResult> {
    for (;;) {
      await this.gate.untilOpen();
      if (workflowInfo().historyLength >= CONTINUE_AS_NEW_EVENTS) {
        await continueAsNew<typeof fetchArchive>({
          ...this.#input,
          paused: this.gate.paused,
          faults: this.#faults,
        });
      }
      this.#show();
      const result = await this.#fetchNext();
      if (result === undefined) continue;
      switch (result.status) {
        case 'fetched':
          this.#size = result.size;
          break;
        case 'damaged':
          this.#size = 0;
          this.#faults = result.faults;
          break;
        case 'deferred':
          await this.#waitUntil(result.until, result.reason);
          break;
        case 'interrupted':
          break;
        case 'verified':
          return this.#end({ tally: doneTally(this.#input.archive.size, result.how === 'stored') });
        case 'failed':
          return this.#end({
            tally: failedTally(this.#input.archive.key, result.reason),
            failure: `${result.reason}: ${result.detail}`,
          });
        default:
          return result satisfies never;
      }
    }
  }

  progress(): ChildProgress {
    const { archive } = this.#input;
    const whole: Tally = { ...emptyTally, files: 1, bytes: archive.size };
    return {
      kind: archive.kind,
      name: archive.key,
      paused: this.gate.paused,
      at: this.#at,
      tally: addTallies(whole, this.#outcome ?? { ...emptyTally, doneBytes: this.#size }),
      waits: this.#wait ? [this.#wait] : [],
    };
  }

  /** Undefined when a pause came in between. */
  async #fetchNext(): Promise<RangeResult | undefined> {
    const { archive, store, owner, run, request } = this.#input;
    const from = Math.floor(this.#size / ARCHIVE_RANGE_BYTES) * ARCHIVE_RANGE_BYTES;
    const end = Math.min(archive.size, from + ARCHIVE_RANGE_BYTES);
    const summary = `${archive.key} up to ${formatBytes(end)} of ${formatBytes(archive.size)}`;
    let result: RangeResult | undefined;
    await this.gate.whileOpen(async () => {
      result = await activities.fetchRange.executeWithOptions({ summary }, [
        { store, owner, run, request, archive, end, faults: this.#faults },
      ]);
    });
    return result;
  }

  async #waitUntil(until: number, reason: string): Promise<void> {
    this.#wait = { what: this.#input.archive.path, reason, until: new Date(until).toISOString() };
    this.#show('deferred');
    // A pause need not wait for the timer; what is over then is asked for again.
    await condition(() => this.gate.paused, Math.max(1_000, until - Date.now()), {
      summary: waitSummary(reason, until),
    });
    this.#wait = undefined;
  }

  /** What the page of the closed child goes on saying. */
  #end(result: ArchiveResult): ArchiveResult {
    this.#outcome = result.tally;
    this.#show('done');
    return result;
  }

  #show(stage: ChildStage = 'fetch'): void {
    this.#at = new Date().toISOString();
    listChild(stage, this.#outcome?.failedFiles ?? 0);
    setCurrentDetails(childDetails(this.progress()));
  }
}

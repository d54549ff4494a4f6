import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { type FileKind, folderOfKind, isShardKind, kinds, shardRow } from '../domain/kinds.ts';
import { described, markdown, shown, summarized } from '../domain/quoting/markdown.ts';
import type { RunContext } from '../domain/run/run.ts';
import type {
  LargeFileResult,
  PendingLargeFile,
  QuotaWait,
  ShardResult,
  ShardTotals,
} from '../domain/run/workflow-inputs.ts';
import type { Hurried } from '../domain/waits/hurried.ts';
import { withWaitsEnded } from '../domain/waits/quota-wait.ts';
import { largeFileSummary, shardPlace, shardSummary } from '../domain/words/summaries.ts';
import { handOverSignal, retryNowSignal, setPausedSignal } from './contract/messages.ts';
import { ffhqFailed, ffhqKind, ffhqRun, ffhqStage } from './contract/search-attributes.ts';
import type { fetchLargeFile } from './fetch-large-file.ts';
import type { processShard } from './process-shard.ts';
import { HurriedChildren } from './retry-now.ts';

const FIRST_WAIT_MS = 1_000;
/** Each look is some events of the run's history. */
const LONGEST_WAIT_MS = 15_000;

/** The run's open children: starts them under telling ids, and passes pauses on. */
export class Children {
  readonly #context: RunContext;
  readonly #searchAttributes: boolean;
  readonly #open = new Map<string, ChildWorkflowHandle<typeof processShard | typeof fetchLargeFile>>();
  readonly #starting = new Set<string>();
  readonly #hurried = new HurriedChildren();

  constructor(context: RunContext, searchAttributes: boolean) {
    this.#context = context;
    this.#searchAttributes = searchAttributes;
  }

  /** Workflow Ids. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Is it open, or may it be by now? What a child says may come before the word that it was started. */
  mayBeOpen(id: string): boolean {
    return this.#open.has(id) || this.#starting.has(id);
  }

  /** `<run>/<kind>/<name>`; without a name, `<run>/<kind>`. */
  idOf(kind: string, name: string): string {
    return [workflowInfo().workflowId, kind, name].filter((part) => part !== '').join('/');
  }

  async setPaused(paused: boolean): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((child) => child.signal(setPausedSignal, paused)));
  }

  /** Ends what they wait for; answers what came of it. */
  async retryNow(): Promise<Hurried> {
    const children = [...this.#open];
    return this.#hurried.ask(
      children.map(([id]) => id),
      (question) =>
        Promise.allSettled(children.map(([, child]) => child.signal(retryNowSignal, { question }))),
    );
  }

  /** A child's answer to that. */
  noteWaitsEnded(child: string, question: number, hurried: Hurried): void {
    this.#hurried.answered(child, question, hurried);
  }

  /** Asks the large files to stop where they are; nobody else is open then. */
  async handOver(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((child) => child.signal(handOverSignal)));
  }

  async processShard(
    shard: ShardTotals,
    rest: Omit<Parameters<typeof processShard>[0], keyof RunContext | 'kind' | 'folder' | 'paused'>,
    isPaused: () => boolean,
  ): Promise<ShardResult> {
    const { kind, folder } = shard;
    const id = this.idOf(kind, folder);
    const result = await this.#run(id, isPaused, (paused) =>
      startChild<typeof processShard>('processShard', {
        ...this.#options(kind, id),
        ...described(
          shardSummary(shard),
          shardPlace(shard, this.#context.store.path, folderOfKind(kind, this.#context.request)),
        ),
        args: [{ ...this.#context, ...rest, kind, folder, paused }],
      }),
    );
    const waiting = this.#withWaitsEnded(id, result.carried.waiting ?? []);
    return waiting === undefined ? result : { ...result, carried: { ...result.carried, waiting } };
  }

  async fetchLargeFile(
    { waiting, ...file }: PendingLargeFile,
    isPaused: () => boolean,
  ): Promise<LargeFileResult> {
    // Of the few files that are not planned only the manifest may be large: its kind names it.
    const name = kinds[file.kind].form === 'large-files' ? file.key : '';
    const id = this.idOf(file.kind, name);
    const rest = waiting === undefined ? {} : { waiting };
    const result = await this.#run(id, isPaused, (paused) =>
      startChild<typeof fetchLargeFile>('fetchLargeFile', {
        ...this.#options(file.kind, id),
        ...described(largeFileSummary(file)),
        args: [{ ...this.#context, file, ...rest, paused }],
      }),
    );
    const [ended] = this.#withWaitsEnded(id, result.waiting ? [result.waiting] : []) ?? [];
    return ended === undefined ? result : { ...result, waiting: ended };
  }

  /** Of a child that closed before it heard that its waits are over: those. */
  #withWaitsEnded<Wait extends QuotaWait>(
    child: string,
    waits: readonly Wait[],
  ): readonly Wait[] | undefined {
    let left: readonly Wait[] | undefined;
    this.#hurried.closed(child, () => {
      const ended = withWaitsEnded(left ?? waits, Date.now());
      left = ended ?? left;
      return ended === undefined ? 0 : 1;
    });
    return left;
  }

  async #run<Type extends typeof processShard | typeof fetchLargeFile>(
    id: string,
    isPaused: () => boolean,
    start: (paused: boolean) => Promise<ChildWorkflowHandle<Type>>,
  ): Promise<Awaited<ReturnType<Type>>> {
    const asked = this.#hurried.lastQuestion;
    const { child, paused } = await this.#started(id, isPaused, start);
    this.#open.set(id, child as ChildWorkflowHandle<typeof processShard | typeof fetchLargeFile>);
    this.#starting.delete(id);
    try {
      // What came while it was starting found no handle to signal.
      if (isPaused() !== paused) await Promise.allSettled([child.signal(setPausedSignal, isPaused())]);
      const question = this.#hurried.lastQuestion;
      if (question !== asked) await Promise.allSettled([child.signal(retryNowSignal, { question })]);
      return (await child.result()) as Awaited<ReturnType<Type>>;
    } finally {
      this.#open.delete(id);
    }
  }

  /** An earlier run that was terminated leaves children of these ids, which close only when their Activities have. */
  async #started<Type extends typeof processShard | typeof fetchLargeFile>(
    id: string,
    isPaused: () => boolean,
    start: (paused: boolean) => Promise<ChildWorkflowHandle<Type>>,
  ): Promise<{ readonly child: ChildWorkflowHandle<Type>; readonly paused: boolean }> {
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const paused = isPaused();
      this.#starting.add(id);
      try {
        return { child: await start(paused), paused };
      } catch (error) {
        this.#starting.delete(id);
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await sleep(waitMs, summarized(markdown`${shown(error.workflowId)} of an earlier run closes`));
      }
    }
  }

  #options(kind: FileKind, workflowId: string) {
    return {
      workflowId,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      // Never cut off: a child whose run is gone stops its Activities in good order.
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      ...(this.#searchAttributes
        ? {
            typedSearchAttributes: [
              { key: ffhqRun, value: workflowInfo().workflowId },
              { key: ffhqKind, value: kind },
              { key: ffhqStage, value: isShardKind(kind) ? shardRow(kind).stage : 'fetch' },
              { key: ffhqFailed, value: 0 },
            ],
          }
        : {}),
    };
  }
}

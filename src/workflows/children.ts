import {
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { LargeFileSpec } from '../domain/dataset/reference-files.ts';
import { type FileKind, folderOfKind, isShardKind, kinds, shardRow } from '../domain/kinds.ts';
import type { RunContext } from '../domain/run/run.ts';
import type { LargeFileResult, ShardResult, ShardTotals } from '../domain/run/workflow-inputs.ts';
import { largeFileSummary, shardPlace, shardSummary } from '../domain/words/summaries.ts';
import type { fetchLargeFile } from './fetch-large-file.ts';
import { handOverSignal, setPausedSignal } from './messages.ts';
import type { processShard } from './process-shard.ts';
import { ffhqFailed, ffhqKind, ffhqRun, ffhqStage } from './search-attributes.ts';

/** The run's open children: starts them under telling ids, and passes pauses on. */
export class Children {
  readonly #context: RunContext;
  readonly #searchAttributes: boolean;
  readonly #open = new Map<string, ChildWorkflowHandle<typeof processShard | typeof fetchLargeFile>>();

  constructor(context: RunContext, searchAttributes: boolean) {
    this.#context = context;
    this.#searchAttributes = searchAttributes;
  }

  /** Workflow Ids. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** `<run>/<kind>/<name>`; without a name, `<run>/<kind>`. */
  idOf(kind: string, name: string): string {
    return [workflowInfo().workflowId, kind, name].filter((part) => part !== '').join('/');
  }

  async setPaused(paused: boolean): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((child) => child.signal(setPausedSignal, paused)));
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
    const paused = isPaused();
    const child = await startChild<typeof processShard>('processShard', {
      ...this.#options(kind, folder, shardSummary(shard)),
      staticDetails: shardPlace(shard, this.#context.store.path, folderOfKind(kind, this.#context.request)),
      args: [{ ...this.#context, ...rest, kind, folder, paused }],
    });
    return this.#finish(child, paused, isPaused);
  }

  async fetchLargeFile(file: LargeFileSpec, isPaused: () => boolean): Promise<LargeFileResult> {
    const paused = isPaused();
    // Of the few files that are not planned only the manifest may be large: its kind names it.
    const name = kinds[file.kind].form === 'large-files' ? file.key : '';
    const child = await startChild<typeof fetchLargeFile>('fetchLargeFile', {
      ...this.#options(file.kind, name, largeFileSummary(file)),
      args: [{ ...this.#context, file, paused }],
    });
    return this.#finish(child, paused, isPaused);
  }

  async #finish<Type extends typeof processShard | typeof fetchLargeFile>(
    child: ChildWorkflowHandle<Type>,
    paused: boolean,
    isPaused: () => boolean,
  ): Promise<Awaited<ReturnType<Type>>> {
    this.#open.set(
      child.workflowId,
      child as ChildWorkflowHandle<typeof processShard | typeof fetchLargeFile>,
    );
    try {
      // A pause that came while it was starting found no handle to signal.
      if (isPaused() !== paused) await Promise.allSettled([child.signal(setPausedSignal, isPaused())]);
      return (await child.result()) as Awaited<ReturnType<Type>>;
    } finally {
      this.#open.delete(child.workflowId);
    }
  }

  #options(kind: FileKind, name: string, summary: string) {
    return {
      workflowId: this.idOf(kind, name),
      staticSummary: summary,
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

import {
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { ALIGN_FOLDER } from '../domain/dataset/layout.ts';
import type { ArchiveResult, ArchiveSpec, RunContext, ShardResult, ShardTotals } from '../domain/run/run.ts';
import { archiveSummary, shardPlace, shardSummary } from '../domain/words/summaries.ts';
import type { fetchArchive } from './fetch-large-file.ts';
import { setPaused } from './messages.ts';
import type { processShard } from './process-shard.ts';
import { ffhqFailed, ffhqKind, ffhqRun, ffhqStage } from './search-attributes.ts';

/** The run's open children: starts them under telling ids, and passes pauses on. */
export class Children {
  readonly #context: RunContext;
  readonly #searchAttributes: boolean;
  readonly #open = new Map<string, ChildWorkflowHandle<typeof processShard | typeof fetchArchive>>();

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
    await Promise.allSettled([...this.#open.values()].map((child) => child.signal(setPaused, paused)));
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
      staticDetails: shardPlace(
        shard,
        this.#context.store.path,
        this.#context.request.align?.folder ?? ALIGN_FOLDER,
      ),
      args: [{ ...this.#context, ...rest, kind, folder, paused }],
    });
    return this.#finish(child, paused, isPaused);
  }

  async fetchArchive(archive: ArchiveSpec, isPaused: () => boolean): Promise<ArchiveResult> {
    const paused = isPaused();
    const child = await startChild<typeof fetchArchive>('fetchArchive', {
      ...this.#options(archive.kind, archive.kind === 'json' ? '' : archive.key, archiveSummary(archive)),
      args: [{ ...this.#context, archive, paused }],
    });
    return this.#finish(child, paused, isPaused);
  }

  async #finish<Type extends typeof processShard | typeof fetchArchive>(
    child: ChildWorkflowHandle<Type>,
    paused: boolean,
    isPaused: () => boolean,
  ): Promise<Awaited<ReturnType<Type>>> {
    this.#open.set(child.workflowId, child as ChildWorkflowHandle<typeof processShard | typeof fetchArchive>);
    try {
      // A pause that came while it was starting found no handle to signal.
      if (isPaused() !== paused) await Promise.allSettled([child.signal(setPaused, isPaused())]);
      return (await child.result()) as Awaited<ReturnType<Type>>;
    } finally {
      this.#open.delete(child.workflowId);
    }
  }

  #options(kind: string, name: string, summary: string) {
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
              { key: ffhqStage, value: kind === 'align' ? 'align' : 'fetch' },
              { key: ffhqFailed, value: 0 },
            ],
          }
        : {}),
    };
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { temporal } from '@temporalio/proto';
import type { ImageId } from '../../src/domain/dataset/ids.ts';
import { canonicalPath, statePaths } from '../../src/domain/dataset/layout.ts';
import type { FileKind, ImageKind } from '../../src/domain/kinds.ts';
import type { Tally } from '../../src/domain/run/progress.ts';
import type { ReportedFailure } from '../../src/domain/words/report.ts';
import type { RecordedRequest } from '../../src/stand-in/requests.ts';
import type { TestBench } from './datasets/run-dataset.ts';
import type { ServedDataset } from './datasets/serve-dataset.ts';

/** What the server says is scheduled or running for these workflows; none for those that are closed or unknown. */
export async function pendingActivities(
  bench: TestBench,
  workflowIds: readonly string[],
): Promise<temporal.api.workflow.v1.IPendingActivityInfo[]> {
  const { client, namespace } = bench.connected;
  const pending = await Promise.all(
    workflowIds.map(async (workflowId) => {
      try {
        const description = await client.workflowService.describeWorkflowExecution({
          namespace,
          execution: { workflowId },
        });
        return description.pendingActivities ?? [];
      } catch {
        return [];
      }
    }),
  );
  return pending.flat();
}

/** Every Run of a Workflow Id, the oldest first, each with its number of events. */
export async function runsOf(
  bench: TestBench,
  workflowId: string,
): Promise<{ readonly runId: string; readonly events: number; readonly history: History }[]> {
  const { client } = bench.connected;
  const runs: { runId: string; events: number; history: History }[] = [];
  let runId: string | undefined;
  for (;;) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const described = await handle.describe();
    const history = await client.workflow.getHandle(workflowId, described.runId).fetchHistory();
    const events = history.events ?? [];
    runs.unshift({ runId: described.runId, events: events.length, history });
    const before = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return runs;
    runId = before;
  }
}

export type History = temporal.api.history.v1.IHistory;

export interface Report {
  readonly status: string;
  readonly failures: readonly ReportedFailure[];
  readonly kinds: Readonly<Partial<Record<FileKind, Tally>>>;
}

export async function readReport(dataset: ServedDataset): Promise<{ json: Report; text: string }> {
  return {
    json: JSON.parse(await readFile(join(dataset.out, statePaths.reportJson), 'utf8')),
    text: await readFile(join(dataset.out, statePaths.reportText), 'utf8'),
  };
}

/** How often a file's first URL was asked for, whatever came of it. */
export function timesAsked(dataset: ServedDataset, path: string): number {
  return requestsFor(dataset, path).filter((request) => request.path === '/uc').length;
}

export function requestsFor(dataset: ServedDataset, path: string): readonly RecordedRequest[] {
  const id = dataset.idOf(path);
  return dataset.drive.requests.filter(({ file }) => file === id);
}

/** Path of a picture of the dataset. */
export function picture(kind: ImageKind, id: number): string {
  return canonicalPath(kind, id as ImageId);
}

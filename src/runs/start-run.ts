import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { describeSource } from '../activities/sources/index.ts';
import { refused } from '../domain/failure/command-failure.ts';
import type { RunRequest, StoreRef } from '../domain/run/request.ts';
import { canonicalRequest } from '../domain/run/request.ts';
import type { RunMemo, RunOwner } from '../domain/run/run.ts';
import { WORKFLOW_VERSION } from '../domain/run/run.ts';
import type { BuildDatasetInput } from '../domain/run/workflow-inputs.ts';
import { requestDetails, requestSummary } from '../domain/words/request-text.ts';
import { type SpokenAs, spokenByName } from '../domain/words/spoken-as.ts';
import { ffhqRun, ffhqStage } from '../workflows/search-attributes.ts';
import { readMemo } from './memo.ts';
import { terminateRun } from './terminate-run.ts';
import { workflowIdOf } from './workflow-id.ts';

export interface StartRunOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly store: StoreRef;
  readonly request: RunRequest;
  /** The server in use, as the folder's owner record names it. */
  readonly server: Pick<RunOwner, 'clusterId' | 'address' | 'namespace'>;
  readonly takeOver: boolean;
  /** Does the server have the project's search attributes? */
  readonly searchAttributes: boolean;
  /** How long an older version's run has to stop before it is terminated. */
  readonly stopMs?: number;
  /** How a refusal names commands. */
  readonly spoken?: SpokenAs;
}

export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** `renewed`: an older version's run was ended and this one begins anew from the disk. */
  readonly how: 'started' | 'attached' | 'renewed';
  /** Of the run: when attached, perhaps not the one asked for. */
  readonly taskQueue: string;
}

/**
 * One folder, one run. The same request while it is open: attached. Another one: refused, naming the open run and how
 * to stop it. Otherwise a new run starts from what is on the disk.
 */
export async function startRun(options: StartRunOptions): Promise<StartedRun> {
  const { client, store } = options;
  const workflowId = workflowIdOf(store);
  let how: StartedRun['how'] = 'started';
  for (;;) {
    const open = await describeOpen(client, workflowId);
    if (open !== undefined) {
      const memo = readMemo(open);
      if (memo?.version === WORKFLOW_VERSION) return attach(open, memo, options);
      await endOldRun(client, open, options.stopMs ?? 5_000);
      how = 'renewed';
    }
    try {
      const handle = await client.workflow.start('buildDataset', startOptions(options, workflowId));
      return { workflowId, runId: handle.firstExecutionRunId, how, taskQueue: options.taskQueue };
    } catch (error) {
      // Another command started it in between: look again.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

async function describeOpen(
  client: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    const described = await client.workflow.getHandle(workflowId).describe();
    return described.status.name === 'RUNNING' || described.status.name === 'PAUSED' ? described : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function attach(
  open: WorkflowExecutionDescription,
  memo: RunMemo,
  { request, store, spoken = spokenByName }: StartRunOptions,
): StartedRun {
  if (memo.request !== canonicalRequest(request)) {
    throw refused(
      `run [${open.workflowId}]: expected no open run with another request on ${store.path}, ` +
        `got one that was asked for: ${summaryOfMemo(memo)}\n` +
        `go on with it by giving its command again, or stop it first: ${spoken('cancel', '--out', store.path)}`,
    );
  }
  return { workflowId: open.workflowId, runId: open.runId, how: 'attached', taskQueue: open.taskQueue };
}

function summaryOf(request: RunRequest): string {
  return requestSummary(request, describeSource(request.source));
}

/** A memo may be another version's: what this one cannot read must not hide how to end that run. */
function summaryOfMemo({ request }: RunMemo): string {
  try {
    return summaryOf(JSON.parse(request) as RunRequest);
  } catch {
    return 'something that this version cannot read';
  }
}

/** Its workers may be gone, or may not know how to replay it: asked to stop first, terminated if it does not. */
async function endOldRun(client: Client, open: WorkflowExecutionDescription, stopMs: number): Promise<void> {
  const handle = client.workflow.getHandle(open.workflowId, open.runId);
  const isClosed = async () => (await handle.describe()).status.name !== 'RUNNING';
  try {
    await handle.cancel();
    for (const deadline = performance.now() + stopMs; performance.now() < deadline; ) {
      if (await isClosed()) return;
      await new Promise((done) => setTimeout(done, 200));
    }
    const reason = 'belongs to another version of the project; a new run goes on from the disk';
    await terminateRun(client, open.workflowId, reason);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function startOptions(options: StartRunOptions, workflowId: string) {
  const { store, request, taskQueue, server, takeOver, searchAttributes } = options;
  const memo: RunMemo = {
    version: WORKFLOW_VERSION,
    request: canonicalRequest(request),
    out: store.path,
    storeId: store.id,
  };
  const input: BuildDatasetInput = {
    store,
    request,
    owner: { workflowId, clusterId: server.clusterId, address: server.address, namespace: server.namespace },
    takeOver,
    searchAttributes,
  };
  return {
    workflowId,
    taskQueue,
    args: [input] as [BuildDatasetInput],
    memo: { ...memo },
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'FAIL' as const,
    staticSummary: summaryOf(request),
    staticDetails: requestDetails(request, store.path),
    ...(searchAttributes
      ? {
          typedSearchAttributes: new TypedSearchAttributes([
            { key: ffhqRun, value: workflowId },
            { key: ffhqStage, value: 'manifest' },
          ]),
        }
      : {}),
  };
}

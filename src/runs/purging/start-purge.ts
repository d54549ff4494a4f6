import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { PURGE_TYPE, type PurgeInput, type PurgeResult, purgeRequest } from '../../domain/exclusion/purge.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { described, markdown, shown } from '../../domain/quoting/markdown.ts';
import type { StoreRef } from '../../domain/run/request.ts';
import type { RunOwner } from '../../domain/run/run.ts';
import type { SpokenAs } from '../../domain/words/spoken-as.ts';
import { sign } from '../../signing/signing-codec.ts';
import { describeRun } from '../foreign/describe-run.ts';
import { readPurgeResult } from '../foreign/purge-answers.ts';
import { memoOf } from '../memo.ts';
import { workflowIdOf } from '../workflow-id.ts';

export interface StartPurgeOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly store: StoreRef;
  readonly server: Omit<RunOwner, 'workflowId'>;
  readonly takeOver: boolean;
  readonly deleteArchives: boolean;
  readonly signingKey: Buffer;
  readonly spoken: SpokenAs;
}

export interface StartedPurge {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly how: 'started' | 'attached';
  /** Settles when it is closed. */
  readonly result: () => Promise<PurgeResult>;
}

/** A purge has the Workflow Id of the folder's runs: of them and of purges one at a time is open. */
export async function startPurge(options: StartPurgeOptions): Promise<StartedPurge> {
  const { client, store, taskQueue, server, signingKey, takeOver, deleteArchives, spoken } = options;
  const workflowId = workflowIdOf(store);
  const result = async () => asResult(await client.workflow.getHandle(workflowId).result());
  const open = await openUnder(client, workflowId);
  if (open?.type === PURGE_TYPE) return { workflowId, taskQueue: open.taskQueue, how: 'attached', result };
  if (open !== undefined)
    throw refused([
      `purge [run=${workflowId}]: expected no open run on ${store.path}, got one`,
      `wait for its end, or stop it first: ${spoken('cancel', '--out', store.path)}`,
    ]);
  const owner = { ...server, workflowId };
  const input: PurgeInput = { store, owner, request: purgeRequest, takeOver, deleteArchives };
  await client.workflow.start(PURGE_TYPE, {
    workflowId,
    taskQueue,
    args: [sign(signingKey, input, { namespace: server.namespace, workflowId, type: PURGE_TYPE })],
    memo: { ...(await memoOf(store, purgeRequest)) },
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    ...described(markdown`removes what is excluded`, markdown`from ${shown(store.path)}`),
  });
  return { workflowId, taskQueue, how: 'started', result };
}

/** Who reaches the server may answer under its name, with anything. */
function asResult(value: unknown): PurgeResult {
  const result = readPurgeResult(value);
  if (result !== undefined) return result;
  throw new Error('purge: expected a result that this version knows, got another');
}

async function openUnder(client: Client, workflowId: string) {
  try {
    const last = await describeRun(client, workflowId);
    return last.status.name === 'RUNNING' || last.status.name === 'PAUSED' ? last : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

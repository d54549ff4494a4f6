import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { RunRequest } from '../../domain/run/request.ts';
import type { BuildDatasetInput } from '../../domain/run/workflow-inputs.ts';
import { type InputRefusal, refusalIn } from '../../domain/signing/signed-input.ts';
import { SigningCodec } from '../../signing/signing-codec.ts';
import { isUnreadable } from './describe-run.ts';

/**
 * What the last run under this Workflow Id was asked for, as its input says that was signed with this key. Its memo anybody
 * who reaches the server may have written, with hosts that nobody here has named.
 */
export async function lastRequest(
  client: Client,
  workflowId: string,
  signingKey: Buffer,
): Promise<RunRequest | undefined> {
  const input = await startInput(client, { workflowId }, signingKey);
  const { namespace } = client.options;
  const isOurs = refusalIn(input, { namespace, workflowId, type: 'buildDataset' }) === undefined;
  return isOurs ? (input as BuildDatasetInput).request : undefined;
}

/** Why the start of this execution, of a run or of a child, is not one that was signed with this key; undefined: it is. */
export async function refusalOfStart(
  client: Client,
  { workflowId, runId, type }: Execution & { readonly runId: string; readonly type: string },
  signingKey: Buffer,
): Promise<InputRefusal | undefined> {
  const input = await startInput(client, { workflowId, runId }, signingKey);
  return refusalIn(input, { namespace: client.options.namespace, workflowId, type });
}

interface Execution {
  readonly workflowId: string;
  /** @default the last one */
  readonly runId?: string;
}

/** What it was started with, with the word of whether this key signed it. */
async function startInput(client: Client, execution: Execution, signingKey: Buffer): Promise<unknown> {
  const payload = await firstInput(client, execution);
  if (payload === undefined) return undefined;
  const [read] = await new SigningCodec(signingKey).decode([payload]);
  return read === undefined ? undefined : defaultPayloadConverter.fromPayload<unknown>(read);
}

async function firstInput(client: Client, execution: Execution) {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution,
      maximumPageSize: 1,
    });
    return history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  } catch (error) {
    // What nobody can read was not signed here.
    if ((error as { readonly code?: unknown }).code === NOT_FOUND || isUnreadable(error)) return undefined;
    throw error;
  }
}

const NOT_FOUND = 5;

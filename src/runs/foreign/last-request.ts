import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { RunRequest } from '../../domain/run/request.ts';
import type { BuildDatasetInput } from '../../domain/run/workflow-inputs.ts';
import { refusalIn, refusalOf, type SignedFor } from '../../domain/signing/signed-input.ts';
import { SigningCodec } from '../../signing/signing-codec.ts';

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
  const isOurs = refusalOf(input, startOf(client, workflowId)) === undefined;
  return isOurs ? (input as BuildDatasetInput).request : undefined;
}

/** Was this execution of a run started with a key that is not this one? */
export async function isOfAnotherKey(
  client: Client,
  execution: Execution & { readonly runId: string },
  signingKey: Buffer,
): Promise<boolean> {
  const input = await startInput(client, execution, signingKey);
  return refusalIn(input, startOf(client, execution.workflowId))?.isOfAnotherKey === true;
}

interface Execution {
  readonly workflowId: string;
  /** @default the last one */
  readonly runId?: string;
}

function startOf(client: Client, workflowId: string): SignedFor {
  return { namespace: client.options.namespace, workflowId, type: 'buildDataset' };
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
    if ((error as { readonly code?: unknown }).code === NOT_FOUND) return undefined;
    throw error;
  }
}

const NOT_FOUND = 5;

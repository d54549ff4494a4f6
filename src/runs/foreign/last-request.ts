import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { RunRequest } from '../../domain/run/request.ts';
import type { BuildDatasetInput } from '../../domain/run/workflow-inputs.ts';
import { refusalOf } from '../../domain/signing/signed-input.ts';
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
  const { namespace } = client.options;
  const payload = await firstInput(client, workflowId);
  if (payload === undefined) return undefined;
  const [read] = await new SigningCodec(signingKey).decode([payload]);
  if (read === undefined) return undefined;
  const input = defaultPayloadConverter.fromPayload<unknown>(read);
  const refusal = refusalOf(input, { namespace, workflowId, type: 'buildDataset' });
  return refusal === undefined ? (input as BuildDatasetInput).request : undefined;
}

async function firstInput(client: Client, workflowId: string) {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId },
      maximumPageSize: 1,
    });
    return history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === NOT_FOUND) return undefined;
    throw error;
  }
}

const NOT_FOUND = 5;

import { Client, type WorkflowExecutionInfo } from '@temporalio/client';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';

/**
 * The runs that the server knows, newest first. Others may have started some of them: a memo that cannot be read counts
 * as none, and does not hide the rest of the list.
 */
export function listRuns(client: Client): AsyncIterable<WorkflowExecutionInfo> {
  const { connection, options } = client;
  const { payloadCodecs } = options.loadedDataConverter;
  const patient = new Client({
    connection,
    namespace: options.namespace,
    // The first one decodes last.
    dataConverter: { payloadCodecs: [unreadableAsNothing, ...payloadCodecs] },
  });
  return patient.workflow.list({ query: 'WorkflowType = "buildDataset"' });
}

const unreadableAsNothing: PayloadCodec = {
  encode: async (payloads) => payloads,
  decode: async (payloads) => payloads.map((payload) => (isReadable(payload) ? payload : nothing)),
};

const nothing = defaultPayloadConverter.toPayload(null);

function isReadable(payload: Payload): boolean {
  try {
    defaultPayloadConverter.fromPayload(payload);
    return true;
  } catch {
    return false;
  }
}

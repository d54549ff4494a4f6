import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { failureText } from './pending-activities.ts';
import type { FailingTask } from './run-snapshot.ts';

/** Events looked back for the failure; the server writes only the first of a row of failures down. */
const EVENTS_BACK = 20;

/** The run's Workflow Task when it keeps failing, with why. */
export async function failingTaskOf(
  client: Client,
  described: WorkflowExecutionDescription,
  within: <Result>(call: () => Promise<Result>) => Promise<Result>,
): Promise<FailingTask | undefined> {
  const attempt = described.raw.pendingWorkflowTask?.attempt ?? 1;
  if (attempt <= 1) return undefined;
  const { history } = await within(() =>
    client.connection.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: { workflowId: described.workflowId, runId: described.runId },
      maximumPageSize: EVENTS_BACK,
    }),
  );
  for (const event of history?.events ?? []) {
    const failed = event.workflowTaskFailedEventAttributes;
    if (failed)
      return {
        workflowId: described.workflowId,
        attempt,
        cause: failureText(failed.failure) ?? 'no reason given',
      };
    // A worker that was killed leaves a timeout, which is no fault of the workflow.
    if (event.workflowTaskTimedOutEventAttributes || event.workflowTaskCompletedEventAttributes)
      return undefined;
  }
  return undefined;
}

import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { isUnreadable } from './foreign/describe-run.ts';
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
  const { workflowId, runId } = described;
  let events: readonly temporal.api.history.v1.IHistoryEvent[];
  try {
    const { history } = await within(() =>
      client.connection.workflowService.getWorkflowExecutionHistoryReverse({
        namespace: client.options.namespace,
        execution: { workflowId, runId },
        maximumPageSize: EVENTS_BACK,
      }),
    );
    events = history?.events ?? [];
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const cause = 'somebody answered what no client reads: `ffhq cancel --force`, then the same command';
    return { workflowId, attempt, cause };
  }
  for (const event of events) {
    const failed = event.workflowTaskFailedEventAttributes;
    if (failed) return { workflowId, attempt, cause: failureText(failed.failure) ?? 'no reason given' };
    // A worker that was killed leaves a timeout, which is no fault of the workflow.
    if (event.workflowTaskTimedOutEventAttributes || event.workflowTaskCompletedEventAttributes)
      return undefined;
  }
  return undefined;
}

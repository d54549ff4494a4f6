import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';

/**
 * Ends a run at once, with its open children: those are only asked to stop when their run ends, which nobody hears
 * where no worker polls, and their Workflow Ids are needed again.
 */
export async function terminateRun(client: Client, workflowId: string, reason: string): Promise<void> {
  const run = client.workflow.getHandle(workflowId);
  const { raw } = await run.describe();
  await terminated(run.terminate(reason));
  const children = (raw.pendingChildren ?? []).map((child) => child.workflowId ?? '');
  await terminateChildren(client, children, reason);
}

/** Ends those that are open. */
export async function terminateChildren(
  client: Client,
  workflowIds: readonly string[],
  reason: string,
): Promise<void> {
  for (const id of workflowIds)
    if (id !== '') await terminated(client.workflow.getHandle(id).terminate(reason));
}

async function terminated(ending: Promise<unknown>): Promise<void> {
  try {
    await ending;
  } catch (error) {
    // It ended by itself in between.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

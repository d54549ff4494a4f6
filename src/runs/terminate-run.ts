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
  for (const { workflowId: child } of raw.pendingChildren ?? []) {
    if (child) await terminated(client.workflow.getHandle(child).terminate(reason));
  }
}

async function terminated(ending: Promise<unknown>): Promise<void> {
  try {
    await ending;
  } catch (error) {
    // It ended by itself in between.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

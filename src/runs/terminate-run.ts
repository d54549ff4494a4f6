import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { isUnreadable, listOpenChildren, openChildrenOf } from './foreign/describe-run.ts';

/**
 * Ends a run at once, with its open children and those that earlier runs left: those are only asked to stop when their run
 * ends, which nobody hears where no worker polls, and their Workflow Ids are needed again.
 */
export async function terminateRun(client: Client, workflowId: string, reason: string): Promise<void> {
  const run = client.workflow.getHandle(workflowId);
  const children = [...(await childrenOf(run)), ...(await listOpenChildren(client, workflowId))];
  await terminated(run.terminate(reason));
  await terminateChildren(client, [...new Set(children)], reason);
}

/** As the server tells it now; the list may lag behind. */
async function childrenOf(run: WorkflowHandle): Promise<string[]> {
  try {
    return openChildrenOf(await run.describe());
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [];
  }
}

/** Ends those that are open. */
export async function terminateChildren(
  client: Client,
  workflowIds: readonly string[],
  reason: string,
): Promise<void> {
  for (const id of workflowIds) await terminated(client.workflow.getHandle(id).terminate(reason));
}

async function terminated(ending: Promise<unknown>): Promise<void> {
  try {
    await ending;
  } catch (error) {
    // It ended by itself in between.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

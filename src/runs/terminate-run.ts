import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { isUnreadable, openChildrenOf } from './foreign/describe-run.ts';

/**
 * Ends a run at once, with its open children: those are only asked to stop when their run ends, which nobody hears
 * where no worker polls, and their Workflow Ids are needed again.
 */
export async function terminateRun(client: Client, workflowId: string, reason: string): Promise<void> {
  const run = client.workflow.getHandle(workflowId);
  const children = await childrenOf(client, run);
  await terminated(run.terminate(reason));
  await terminateChildren(client, children, reason);
}

async function childrenOf(client: Client, run: WorkflowHandle): Promise<string[]> {
  try {
    return openChildrenOf(await run.describe());
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    // The list says less of each, and can be read.
    const query = `ParentWorkflowId = '${run.workflowId.replaceAll("'", "''")}' AND ExecutionStatus = 'Running'`;
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
    return ids;
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

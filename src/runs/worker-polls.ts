import type { Client } from '@temporalio/client';
import { isDeadProcessOfThisHost } from '../temporal/identity.ts';

/** TaskQueueType of the server's API. */
const WORKFLOW_TASKS = 1;

/** A poll waits for a minute at most, so a poller silent for longer is gone, though the server lists it for five. */
const POLL_MS = 75_000;

/** Does some worker ask for Workflow Tasks on the queue? Killed ones of this host are known to be gone at once. */
export async function someWorkerPolls(client: Client, taskQueue: string): Promise<boolean> {
  const { pollers } = await client.connection.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: WORKFLOW_TASKS,
  });
  return (pollers ?? []).some(({ identity, lastAccessTime }) => {
    const silentMs = Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000;
    return silentMs < POLL_MS && !isDeadProcessOfThisHost(identity ?? '');
  });
}

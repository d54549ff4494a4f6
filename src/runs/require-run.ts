import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { refused } from '../domain/failure/command-failure.ts';
import { readMemo } from './memo.ts';

/** A run that the server knows. */
export interface KnownRun {
  readonly runId: string;
  readonly isOpen: boolean;
  /** The dataset folder, as its memo has it. */
  readonly out: string | undefined;
  readonly taskQueue: string;
}

/** The run by its Workflow Id, or a refusal that says where to look. */
export async function requireRun(client: Client, workflowId: string): Promise<KnownRun> {
  try {
    const described = await client.workflow.getHandle(workflowId).describe();
    return {
      runId: described.runId,
      isOpen: described.status.name === 'RUNNING' || described.status.name === 'PAUSED',
      out: readMemo(described)?.out,
      taskQueue: described.taskQueue,
    };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw refused(
      `run [${workflowId}]: expected a run that this server knows, got none; ffhq list shows those it knows`,
    );
  }
}

import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { refused } from '../domain/failure/command-failure.ts';
import { type SpokenAs, spokenByName } from '../domain/words/spoken-as.ts';
import { readMemo } from './memo.ts';

/** A run that the server knows. */
export interface KnownRun {
  readonly runId: string;
  readonly isOpen: boolean;
  /** The dataset folder, as its memo has it. */
  readonly out: string | undefined;
  readonly taskQueue: string;
}

/**
 * The run by its Workflow Id; throws a refusal that says where to look.
 *
 * @param spoken how the refusal names commands
 */
export async function requireRun(
  client: Client,
  workflowId: string,
  spoken: SpokenAs = spokenByName,
): Promise<KnownRun> {
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
      `run [${workflowId}]: expected a run that this server knows, got none; \`${spoken('list')}\` shows those it knows`,
    );
  }
}

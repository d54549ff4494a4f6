import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { refused } from '../domain/failure/command-failure.ts';
import { type SpokenAs, spokenByName } from '../domain/words/spoken-as.ts';
import { describeRun, UnreadableRunError } from './foreign/describe-run.ts';
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
 * @param mayBeUnreadable for what must be done also to a run of which no client can be told anything
 */
export async function requireRun(
  client: Client,
  workflowId: string,
  spoken: SpokenAs = spokenByName,
  mayBeUnreadable = false,
): Promise<KnownRun> {
  try {
    const described = await describeRun(client, workflowId, { spoken });
    return {
      runId: described.runId,
      isOpen: described.status.name === 'RUNNING' || described.status.name === 'PAUSED',
      out: readMemo(described)?.out,
      taskQueue: described.taskQueue,
    };
  } catch (error) {
    if (mayBeUnreadable && error instanceof UnreadableRunError)
      return { runId: '', isOpen: true, out: undefined, taskQueue: '' };
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw refused(
      `run [${workflowId}]: expected a run that this server knows, got none; \`${spoken('list')}\` shows those it knows`,
    );
  }
}

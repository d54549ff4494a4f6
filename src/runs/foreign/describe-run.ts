import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { CommandFailure } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { type SpokenAs, spokenByName } from '../../domain/words/spoken-as.ts';

interface OfRun {
  /** The run that people know, of a child. @default the very one */
  readonly run?: string;
  readonly spoken?: SpokenAs;
}

/** A refusal that says how to end it. */
export class UnreadableRunError extends CommandFailure {
  constructor(lines: readonly string[]) {
    super(lines, exitCodes.refusedInput);
  }
}

/**
 * What the server says of a workflow. Throws {@link UnreadableRunError} where somebody answered in a worker's place so that
 * nobody can read it.
 */
export async function describeRun(
  client: Client,
  workflowId: string,
  { run = workflowId, spoken = spokenByName }: OfRun = {},
): Promise<WorkflowExecutionDescription> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    throw new UnreadableRunError([
      `run [${workflowId}]: expected to be told of it, got what no client reads: somebody who reaches the server answered in a worker's place`,
      `end it, which loses nothing of the files: ${spoken('cancel', '--force', run)}`,
    ]);
  }
}

/** Workflow Ids of the children that were open then. */
export function openChildrenOf({ raw }: Pick<WorkflowExecutionDescription, 'raw'>): string[] {
  return (raw.pendingChildren ?? []).flatMap(({ workflowId }) => (workflowId ? [workflowId] : []));
}

/** The same of every execution that the Workflow Id ever had: the list says less of each, and can always be read. */
export async function listOpenChildren(client: Client, workflowId: string): Promise<string[]> {
  const query = `ParentWorkflowId = '${workflowId.replaceAll("'", "''")}' AND ExecutionStatus = 'Running'`;
  const ids: string[] = [];
  for await (const child of client.workflow.list({ query })) ids.push(child.workflowId);
  return ids;
}

/** Failures may be nested deeper than protobuf is read; the library that reads it has no class for that. */
export function isUnreadable(error: unknown): boolean {
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause)
    if (/max depth exceeded/.test(inner.message)) return true;
  return false;
}

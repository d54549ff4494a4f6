import type { Client } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { ExitCode } from '../domain/failure/exit-code.ts';
import { exitCodes } from '../domain/failure/exit-code.ts';
import { readPurgeResult } from './foreign/purge-answers.ts';
import { readRunResult } from './foreign/read-answers.ts';
import type { RunEnd } from './run-snapshot.ts';

/** How a closed run ended; for an open one it waits until it is closed. */
export async function endOfRun(client: Client, workflowId: string): Promise<RunEnd> {
  try {
    const answer: unknown = await client.workflow.getHandle(workflowId).result();
    const result = readRunResult(answer);
    if (result !== undefined) return { status: 'completed', result };
    const purged = readPurgeResult(answer);
    if (purged !== undefined) return { status: 'purged', result: purged };
    return { status: 'failed', type: undefined, message: 'its result is none that this version knows' };
  } catch (error) {
    return endOfError(error);
  }
}

/** How an execution ended whose result could not be had; throws what is no end of one. */
export function endOfError(error: unknown): Exclude<RunEnd, { readonly status: 'completed' | 'purged' }> {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { cause } = error;
  if (cause instanceof CancelledFailure) return { status: 'cancelled' };
  if (cause instanceof TerminatedFailure) return { status: 'terminated', message: cause.message };
  if (cause instanceof TimeoutFailure) return { status: 'timed out' };
  const failure = applicationFailureIn(cause);
  return {
    status: 'failed',
    type: failure?.type ?? undefined,
    message: (failure ?? cause ?? error).message,
  };
}

/** For {@link watchRun}: the server is asked once, and answers when the run is closed. */
export function closing(client: Client, workflowId: string): (signal: AbortSignal) => Promise<unknown> {
  return (signal) =>
    client.connection.withAbortSignal(signal, () => client.workflow.getHandle(workflowId).result());
}

/** Failures of Activities and children wrap the one that says what happened. */
function applicationFailureIn(error: unknown): ApplicationFailure | undefined {
  for (let inner: unknown = error, depth = 0; inner instanceof Error && depth < 20; depth++) {
    if (inner instanceof ApplicationFailure) return inner;
    inner = inner.cause;
  }
  return undefined;
}

/** The shell's view of an end. */
export function exitCodeOfEnd(end: RunEnd): ExitCode {
  switch (end.status) {
    case 'completed':
      return end.result.status === 'complete' ? exitCodes.complete : exitCodes.completeWithFailures;
    case 'purged':
      return exitCodes.complete;
    case 'cancelled':
    case 'terminated':
      return exitCodes.cancelled;
    case 'failed':
      return /^(Input|Store)\./.test(end.type ?? '') ? exitCodes.refusedInput : exitCodes.internalError;
    case 'timed out':
      return exitCodes.internalError;
    default:
      return end satisfies never;
  }
}

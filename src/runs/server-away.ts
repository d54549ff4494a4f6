import { isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';

/**
 * gRPC codes of a server that is down, starting or overloaded: CANCELLED, UNKNOWN, DEADLINE_EXCEEDED,
 * RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE.
 */
const passing = new Set([1, 2, 4, 8, 13, 14]);

/** Is this the error of a server that may well answer later? */
export function isServerAway(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError) return false;
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    if (isGrpcServiceError(inner)) return passing.has(inner.code);
  }
  return false;
}

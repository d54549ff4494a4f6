import type { WorkflowExecutionDescription } from '@temporalio/client';
import { readKeptLimits } from '../domain/limits/limits.ts';
import type { RunMemo } from '../domain/run/run.ts';

/** The run's memo, where it is one of this project's. */
export function readMemo(described: Pick<WorkflowExecutionDescription, 'memo'>): RunMemo | undefined {
  const { version, request, out, storeId, folder, limits } = described.memo ?? {};
  return typeof version === 'number' &&
    typeof request === 'string' &&
    typeof out === 'string' &&
    typeof storeId === 'string'
    ? {
        ...{ version, request, out, storeId },
        ...(typeof folder === 'string' ? { folder } : {}),
        ...(limits === undefined ? {} : { limits: readKeptLimits(limits) }),
      }
    : undefined;
}

import type { WorkflowExecutionDescription } from '@temporalio/client';
import { lastingInode } from '../activities/store/lasting-inode.ts';
import { readKeptLimits } from '../domain/limits/limits.ts';
import { canonicalRequest, type RunRequest, type StoreRef } from '../domain/run/request.ts';
import { type RunMemo, WORKFLOW_VERSION } from '../domain/run/run.ts';

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

/** What a run on a folder says of itself, whatever it is to do. */
export async function memoOf(
  store: Pick<StoreRef, 'id' | 'path'>,
  request: RunRequest,
): Promise<Omit<RunMemo, 'limits'>> {
  const inode = await lastingInode(store.path);
  return {
    version: WORKFLOW_VERSION,
    request: canonicalRequest(request),
    out: store.path,
    storeId: store.id,
    ...(inode === undefined ? {} : { folder: inode }),
  };
}

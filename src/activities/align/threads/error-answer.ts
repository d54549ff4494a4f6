import type { AlignFailure } from '../../../domain/failure/align-failure.ts';
import { errorCode } from '../../../domain/failure/store-failure.ts';
import type { AlignAnswer } from './align-task.ts';

/** What the file system or the allocator said, as data: errors lose their codes between threads. Throws all others. */
export function errorAnswer(error: unknown): AlignAnswer {
  const memory = outOfMemory(error);
  if (memory !== undefined) return { status: 'failed', failure: memory };
  const code = errorCode(error);
  const { syscall, path, message } = error as NodeJS.ErrnoException;
  // Node.js's own errors have codes too; those of the system have a call.
  if (code === undefined || syscall === undefined) throw error;
  return { status: 'refused', code, syscall, message, ...(path === undefined ? {} : { path }) };
}

/** Undefined: something else. */
export function outOfMemory(error: unknown): AlignFailure | undefined {
  if (!(error instanceof RangeError && /memory|allocat|array length/i.test(error.message))) return undefined;
  return { reason: 'out-of-memory', detail: error.message.slice(0, 300) };
}

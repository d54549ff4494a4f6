import { errorCode } from '../../domain/store-failure.ts';
import type { AlignAnswer } from './align-task.ts';

/** What the file system said, as data: an error object loses its code between threads. Throws every other error. */
export function refusalOf(error: unknown): AlignAnswer {
  const code = errorCode(error);
  // Node.js's own errors have codes too; those of the system have a call.
  if (code === undefined || !(error instanceof Error && 'syscall' in error)) throw error;
  return { status: 'refused', code, message: error.message };
}

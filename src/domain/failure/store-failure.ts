import { folderFault } from './file-system-fault.ts';
import type { StoreFailureReason } from './reasons.ts';

export { errorCode } from './file-system-fault.ts';
export type { StoreFailureReason } from './reasons.ts';

/** What the folder itself refused; concerns every file, so it ends an Activity's attempt at once. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreFailureReason;

  constructor(reason: StoreFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The StoreError that an error of the folder itself means, or undefined when it means nothing special. */
export function storeErrorFrom(error: unknown, what: string): StoreError | undefined {
  if (error instanceof StoreError) return error;
  const reason = folderFault(error);
  if (reason === undefined) return undefined;
  return new StoreError(reason, `${what}: ${(error as Error).message}`, { cause: error });
}

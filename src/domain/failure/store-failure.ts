import type { storeReasons } from './reasons.ts';

export type StoreFailureReason = keyof typeof storeReasons;

/** What the folder itself refused; concerns every file, so it ends an Activity's attempt at once. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreFailureReason;

  constructor(reason: StoreFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

const reasonByCode: Readonly<Record<string, StoreFailureReason>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'not-writable',
  EPERM: 'not-writable',
  EROFS: 'not-writable',
  // A share that went away under a running worker.
  ESTALE: 'not-mounted',
  ENODEV: 'not-mounted',
  EIO: 'not-mounted',
};

/** The StoreError that a file system error means, or undefined when it means nothing special. */
export function storeErrorFrom(error: unknown, what: string): StoreError | undefined {
  if (error instanceof StoreError) return error;
  const code = errorCode(error);
  const reason = code === undefined ? undefined : reasonByCode[code];
  if (reason === undefined) return undefined;
  return new StoreError(reason, `${what}: ${(error as Error).message}`, { cause: error });
}

/** `code` of a Node.js system error. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

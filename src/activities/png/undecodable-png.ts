import { WrongStreamError } from '../../domain/kernels/inflate/contract.ts';
import { FilterTypeError } from '../../domain/kernels/png-rows/contract.ts';

/** These bytes are no picture, or not all of one. */
export class UndecodablePngError extends Error {
  override readonly name = 'UndecodablePngError';
}

/** What zlib, our own inflating or the row filters say of wrong bytes, as an {@link UndecodablePngError}; any other error as it is. */
export function asUndecodable(error: unknown): unknown {
  const isOurs = error instanceof FilterTypeError || error instanceof WrongStreamError;
  if (!isOurs && !isZlibError(error)) return error;
  return new UndecodablePngError(error.message, { cause: error });
}

function isZlibError(error: unknown): error is Error {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' && (/^Z_/.test(code) || code === 'ERR_BUFFER_TOO_LARGE');
}

import type { FileHandle } from 'node:fs/promises';
import { type SourceFailureReason, sourceFailure } from '../../../domain/failure/source-failure.ts';
import { errorCode, storeErrorFrom } from '../../../domain/failure/store-failure.ts';
import { SourceBodyError } from '../contract/source.ts';

const READ_BYTES = 256 * 1024;

/** The bytes `[offset, end)` of an open file, which is closed in the end. `file`: as messages call it. */
export async function* readRange(
  handle: FileHandle,
  file: string,
  offset: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for (let position = offset; position < end; ) {
      signal.throwIfAborted();
      // A buffer of its own for each piece: the reader may keep it.
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, end - position));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      signal.throwIfAborted();
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throwIfMachineShort(error, file);
    const code = codeOf(error);
    throw new SourceBodyError(
      sourceFailure(reasonOf(code), `read [file=${file}]: expected its bytes, got ${code}`),
    );
  } finally {
    await handle.close();
  }
}

export function reasonOf(code: string): SourceFailureReason {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'missing';
    case 'EACCES':
    case 'EPERM':
      return 'private';
    case 'ELOOP':
    case 'ENXIO':
    case 'ENAMETOOLONG':
    case 'ERR_INVALID_ARG_VALUE':
      return 'unsafe-source-path';
    case 'ESTALE':
    case 'ENODEV':
    case 'ENOTCONN':
    case 'EHOSTDOWN':
    case 'ESHUTDOWN':
      return 'source-not-mounted';
    case 'EIO':
    case 'EREMOTEIO':
    case 'EBADMSG':
    case 'EUCLEAN':
      return 'source-unreadable';
    default:
      return 'connection';
  }
}

/** No fault of the source, nor of any file of it. */
export function throwIfMachineShort(error: unknown, file: string): void {
  const failure = storeErrorFrom(error, `open [file=${file}]`);
  if (failure?.reason === 'machine-short') throw failure;
}

export function codeOf(error: unknown): string {
  return errorCode(error) ?? String(error);
}

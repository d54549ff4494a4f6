import type { FileSpec } from '../domain/file-spec.ts';
import type { SourceFailure } from '../domain/source-failure.ts';
import { type Source, SourceBodyError } from './sources/source.ts';
import type { PartialFile } from './store/partial-file.ts';

export interface TransferOptions {
  /** Position behind the last byte wanted. @default the end of the file */
  readonly end?: number;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  /** Bytes gathered before they are written. */
  readonly chunkBytes: number;
  /** Throws when so many bytes more would not fit. */
  readonly checkSpace: (bytes: number) => Promise<void>;
}

/** Bytes between two looks at the free space of the disk. */
const SPACE_STEP_BYTES = 16 * 1024 ** 2;

/**
 * Brings a partial file forward, from what is on the disk to `end`. What arrived before a failure is written and stays.
 * Answers the failure, or undefined when the bytes are there.
 */
export async function transfer(
  partial: PartialFile,
  source: Source,
  spec: FileSpec,
  options: TransferOptions,
): Promise<SourceFailure | undefined> {
  const { signal, chunkBytes } = options;
  const end = options.end ?? spec.size;
  // More than the whole file cannot be its beginning; more than the range only means that the range is there.
  if (spec.size !== undefined && partial.size > spec.size) await partial.truncate(0);
  if (end !== undefined && partial.size >= end) return undefined;
  await options.checkSpace(end === undefined ? 0 : Math.min(end - partial.size, SPACE_STEP_BYTES));

  const range =
    options.end === undefined ? { offset: partial.size } : { offset: partial.size, end: options.end };
  const opened = await source.open(spec, range, signal);
  if (opened.status === 'failed') {
    // A file of unknown size may be whole already, and then has no bytes behind what is there; its digest will tell.
    const mayBeWhole =
      opened.failure.reason === 'range-mismatch' && spec.size === undefined && partial.size > 0;
    return mayBeWhole ? undefined : opened.failure;
  }
  if (opened.from !== partial.size) await partial.truncate(opened.from);

  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let sinceSpaceCheck = 0;
  const flush = async () => {
    const pieces = pending;
    pending = [];
    pendingBytes = 0;
    await partial.append(pieces);
  };
  try {
    for await (const bytes of opened.body) {
      pending.push(bytes);
      pendingBytes += bytes.length;
      options.onBytes(bytes.length);
      if (pendingBytes < chunkBytes) continue;
      sinceSpaceCheck += pendingBytes;
      await flush();
      if (sinceSpaceCheck < SPACE_STEP_BYTES) continue;
      sinceSpaceCheck = 0;
      await options.checkSpace(SPACE_STEP_BYTES);
    }
    await flush();
    return undefined;
  } catch (error) {
    if (error instanceof SourceBodyError) {
      await flush();
      return error.failure;
    }
    if (signal.aborted) await flush();
    throw error;
  }
}

import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../domain/failure/source-failure.ts';
import type { PartialFile } from '../partials/partial-file.ts';
import { type Source, SourceBodyError } from '../sources/contract/source.ts';
import { type BeginWait, waitedFor } from '../sources/flow/flow.ts';

export interface TransferOptions {
  /** Position behind the last byte wanted. @default the end of the file */
  readonly end?: number;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  /** Hears of every size that the partial file has. */
  readonly onSize: () => void;
  /** Measures what is waited for. */
  readonly beginWait: BeginWait;
  /** Bytes gathered before they are written. */
  readonly chunkBytes: number;
  /** Throws when so many bytes more would not fit. */
  readonly checkSpace: (bytes: number) => Promise<void>;
}

/** Bytes between two looks at the free space of the disk. */
const SPACE_STEP_BYTES = 16 * 1024 ** 2;

/**
 * `written`: the bytes wanted are in the file. `whole`: these are the whole file, and nothing was written yet. `source`: who
 * gave them, if somebody was asked.
 */
export type Arrived =
  | { readonly status: 'written'; readonly source?: string }
  | { readonly status: 'whole'; readonly bytes: readonly Uint8Array[]; readonly source?: string }
  | { readonly status: 'failed'; readonly failure: SourceFailure };

const written: Arrived = { status: 'written' };

/**
 * Brings a partial file forward, from what is on the disk to `end`; to the file's end where the source cannot give a part,
 * because asking it again would bring everything again. What arrived before a failure is written and stays.
 */
export async function transfer(
  partial: PartialFile,
  source: Source,
  spec: FileSpec,
  options: TransferOptions,
): Promise<Arrived> {
  const { signal, chunkBytes } = options;
  const end = options.end ?? spec.size;
  // More than the whole file cannot be its beginning; more than the range only means that the range is there.
  if (spec.size !== undefined && partial.size > spec.size) {
    await partial.truncate(0);
    options.onSize();
  }
  if (end !== undefined && partial.size >= end) return written;
  await options.checkSpace(end === undefined ? 0 : Math.min(end - partial.size, SPACE_STEP_BYTES));

  const range =
    options.end === undefined ? { offset: partial.size } : { offset: partial.size, end: options.end };
  const opened = await source.open(spec, range, signal);
  if (opened.status === 'failed') {
    // A file of unknown size may be whole already, and then has no bytes behind what is there; its digest will tell.
    const mayBeWhole =
      opened.failure.reason === 'range-mismatch' && spec.size === undefined && partial.size > 0;
    return mayBeWhole ? written : opened;
  }
  const given = opened.source === undefined ? {} : { source: opened.source };
  // A source that cannot begin in the middle begins anew, and what is there already passes by: it stays.
  let known = partial.size - opened.from;

  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let sinceSpaceCheck = 0;
  const flush = async () => {
    const pieces = pending;
    pending = [];
    pendingBytes = 0;
    await waitedFor(options.beginWait, 'disk', partial.append(pieces));
    options.onSize();
  };
  try {
    for await (const chunk of opened.body) {
      options.onBytes(chunk.length);
      const bytes = chunk.subarray(Math.min(known, chunk.length));
      known -= chunk.length - bytes.length;
      if (bytes.length === 0) continue;
      pending.push(bytes);
      pendingBytes += bytes.length;
      if (pendingBytes < chunkBytes) continue;
      sinceSpaceCheck += pendingBytes;
      await flush();
      if (sinceSpaceCheck < SPACE_STEP_BYTES) continue;
      sinceSpaceCheck = 0;
      await options.checkSpace(SPACE_STEP_BYTES);
    }
    // Not for what comes in ranges, nor for what has no promised size.
    if (partial.isUntouched && spec.size !== undefined && spec.size === pendingBytes) {
      return { status: 'whole', bytes: pending, ...given };
    }
    await flush();
    return { ...written, ...given };
  } catch (error) {
    if (error instanceof SourceBodyError) {
      await flush();
      return { status: 'failed', failure: error.failure };
    }
    if (signal.aborted) await flush();
    throw error;
  }
}

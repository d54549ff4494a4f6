import { type FileSpec, inAnyEncoding, mostBytes } from '../../domain/dataset/file-spec.ts';
import { type SourceFailure, sourceFailure } from '../../domain/failure/source-failure.ts';
import type { PartialFile } from '../partials/partial-file.ts';
import { type OpenedFile, type Source, SourceBodyError } from '../sources/contract/source.ts';
import { type BeginWait, waitedFor } from '../sources/flow/flow.ts';

export interface TransferOptions {
  /** Position behind the last byte wanted. @default the end of the file */
  readonly end?: number;
  /** Whatever the source has of a picture is wanted: another encoding has another size. */
  readonly anyEncoding?: boolean;
  /** What is in the partial file from now on is no beginning of the very file. */
  readonly onEncoded?: () => void;
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
  /** All of another encoding of the picture, or what may be one, is in the file. */
  | { readonly status: 'encoded'; readonly source?: string }
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
  if (options.anyEncoding === true) {
    const opened = await source.open(inAnyEncoding(spec), { offset: 0 }, signal);
    return opened.status === 'failed' ? opened : takeEncoded(partial, opened, spec, options);
  }
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
  if (opened.form === 'pixels') return takeEncoded(partial, opened, spec, options);
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

/** Takes another encoding of a picture from its beginning: what was there belonged to something else. */
async function takeEncoded(
  partial: PartialFile,
  { body, source }: OpenedFile,
  spec: FileSpec,
  options: TransferOptions,
): Promise<Arrived> {
  options.onEncoded?.();
  const most = mostBytes({ ...spec, accepts: 'pixels' });
  let bytes = 0;
  let checked = 0;
  try {
    if (partial.size > 0) await partial.truncate(0);
    for await (const chunk of body) {
      options.onBytes(chunk.length);
      bytes += chunk.length;
      if (bytes > most) {
        const detail = `open [file=${spec.path}]: expected at most ${most} bytes of any encoding, got more`;
        return { status: 'failed', failure: sourceFailure('oversized-body', detail) };
      }
      if (bytes > checked) {
        await options.checkSpace(SPACE_STEP_BYTES);
        checked += SPACE_STEP_BYTES;
      }
      await waitedFor(options.beginWait, 'disk', partial.append([chunk]));
    }
    return { status: 'encoded', ...(source === undefined ? {} : { source }) };
  } catch (error) {
    if (error instanceof SourceBodyError) return { status: 'failed', failure: error.failure };
    throw error;
  }
}

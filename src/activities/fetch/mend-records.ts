import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { type SourceFailure, sourceFailure } from '../../domain/failure/source-failure.ts';
import type { ByteRange } from '../../domain/tfrecord/damage.ts';
import { RecordCheck } from '../../domain/tfrecord/record-check.ts';
import type { PartialFile } from '../partials/partial-file.ts';
import { type Source, SourceBodyError } from '../sources/contract/source.ts';
import { waitedFor } from '../sources/flow/flow.ts';
import type { TransferOptions } from './transfer.ts';

type MendOptions = Pick<TransferOptions, 'signal' | 'onBytes' | 'beginWait'>;

/** `unlike`: what the source has there is not the record either. */
export type FirstRecord =
  | { readonly status: 'right' | 'unlike' }
  | { readonly status: 'failed'; readonly failure: SourceFailure };

/**
 * Asks for the first damaged record alone: a damaged file stays in its place until it is known that somebody has better bytes.
 */
export async function tryFirstRecord(
  source: Source,
  spec: FileSpec & { readonly recordBytes: number },
  [first]: readonly ByteRange[],
  options: MendOptions,
): Promise<FirstRecord> {
  if (first === undefined) return { status: 'unlike' };
  const { offset } = first;
  const check = new RecordCheck(spec.recordBytes);
  const failure = await fetchPieces(
    source,
    spec,
    { offset, end: offset + spec.recordBytes },
    options,
    async (bytes) => check.take(bytes),
  );
  // Whoever gives no parts gives the whole file: there is nothing to mend with.
  if (failure?.reason === 'range-mismatch') return { status: 'unlike' };
  if (failure !== undefined) return { status: 'failed', failure };
  return { status: check.end().length === 0 ? 'right' : 'unlike' };
}

/** Fetches these bytes of a whole file, and no others, into their places. What came before a failure is written and stays. */
export async function mendRecords(
  partial: PartialFile,
  source: Source,
  spec: FileSpec,
  ranges: readonly ByteRange[],
  options: MendOptions,
): Promise<SourceFailure | undefined> {
  for (const range of ranges) {
    const failure = await fetchPieces(source, spec, range, options, (bytes, at) =>
      waitedFor(options.beginWait, 'disk', partial.patch(at, bytes)),
    );
    if (failure !== undefined) return failure;
  }
  return undefined;
}

async function fetchPieces(
  source: Source,
  spec: FileSpec,
  range: ByteRange,
  { signal, onBytes }: MendOptions,
  take: (bytes: Uint8Array, at: number) => Promise<void>,
): Promise<SourceFailure | undefined> {
  const opened = await source.open(spec, range, signal);
  if (opened.status === 'failed') return opened.failure;
  let at = opened.from;
  try {
    for await (const chunk of opened.body) {
      if (opened.from !== range.offset) {
        const detail = `open [file=${spec.path}]: expected bytes from ${range.offset}, got bytes from ${opened.from}`;
        return sourceFailure('range-mismatch', detail);
      }
      onBytes(chunk.length);
      await take(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    if (error instanceof SourceBodyError) return error.failure;
    throw error;
  }
  if (at === range.end) return undefined;
  return sourceFailure(
    'short-body',
    `open [file=${spec.path}]: expected bytes up to ${range.end}, got ${at}`,
  );
}

import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { type SourceFailure, sourceFailure } from '../../domain/failure/source-failure.ts';
import type { ByteRange } from '../../domain/tfrecord/damage.ts';
import { RecordCheck } from '../../domain/tfrecord/record-check.ts';
import type { PartialFile } from '../partials/partial-file.ts';
import { type Source, SourceBodyError } from '../sources/contract/source.ts';
import { waitedFor } from '../sources/flow/flow.ts';
import type { TransferOptions } from './transfer.ts';

type MendOptions = Pick<TransferOptions, 'signal' | 'onBytes' | 'beginWait'>;
type RecordsSpec = FileSpec & { readonly recordBytes: number };

/** Places of one source that are asked within one attempt, each of which gave wrong bytes. */
export const MOST_PLACES = 16;

/** `unlike`: what the source has there is not the record either, in none of its places. */
export type FirstRecord =
  | { readonly status: 'right' | 'unlike' }
  | { readonly status: 'failed'; readonly failure: SourceFailure };

/**
 * Asks for the first damaged record alone: a damaged file stays in its place until it is known that somebody has better bytes.
 */
export async function tryFirstRecord(
  source: Source,
  spec: RecordsSpec,
  [first]: readonly ByteRange[],
  options: MendOptions,
): Promise<FirstRecord> {
  if (first === undefined) return { status: 'unlike' };
  const left = new Set([first.offset]);
  const failure = await fetchFromAny(source, spec, { left, how: 'parts' }, options, async () => {});
  // Whoever gives no parts gives the whole file: there is nothing to mend with.
  if (failure !== undefined && failure.reason !== 'range-mismatch') return { status: 'failed', failure };
  return { status: left.size === 0 ? 'right' : 'unlike' };
}

/**
 * Fetches these records of a whole file, and puts those into their places that are whole. What came before a failure is written
 * and stays; where nobody has a record right, what is there stays too, and no failure is told: a look at the file tells.
 */
export async function mendRecords(
  partial: PartialFile,
  source: Source,
  { recordBytes, ...spec }: FileSpec,
  ranges: readonly ByteRange[],
  options: MendOptions,
): Promise<SourceFailure | undefined> {
  if (recordBytes === undefined) return undefined;
  const records = { ...spec, recordBytes };
  const patch: Take = (bytes, at) => waitedFor(options.beginWait, 'disk', partial.patch(at, bytes));
  const offsets = ranges.map(({ offset, end }) =>
    Array.from({ length: (end - offset) / recordBytes }, (_, nth) => offset + nth * recordBytes),
  );
  for (const [nth, some] of offsets.entries()) {
    const left = new Set(some);
    const failure = await fetchFromAny(source, records, { left, how: 'parts' }, options, patch);
    if (failure?.reason === 'range-mismatch') {
      // Nobody gives parts any more: the whole file passes by once, and costs nothing of what is there.
      const rest = new Set([...left, ...offsets.slice(nth + 1).flat()]);
      return fetchFromAny(source, records, { left: rest, how: 'passing' }, options, patch);
    }
    if (failure !== undefined) return failure;
  }
  return undefined;
}

type Take = (record: Uint8Array, at: number) => Promise<void>;

interface Wanted {
  /** Where the records begin, ascending; one that came right is taken out. */
  readonly left: Set<number>;
  /** `passing`: asked for from the file's beginning, of sources that cannot begin elsewhere. */
  readonly how: 'parts' | 'passing';
}

/** Asks one place of the source after the other while records are left, and tells it what became of them. */
async function fetchFromAny(
  source: Source,
  spec: RecordsSpec,
  { left, how }: Wanted,
  options: MendOptions,
  take: Take,
): Promise<SourceFailure | undefined> {
  for (let asked = 1; ; asked++) {
    const [offset = 0] = how === 'passing' ? [0] : left;
    const range = { offset, end: ([...left].at(-1) ?? 0) + spec.recordBytes };
    const failure = await fetchRecords(source, spec, range, left, options, take);
    if (failure !== undefined && failure.reason !== 'range-mismatch') return failure;
    if (left.size === 0) {
      // Told at once: who gave this one is not to be blamed for the next.
      source.judged?.(spec, 'right');
      return undefined;
    }
    const hasAnother = source.judged?.(spec, 'wrong').hasAnother === true;
    // A whole file is too large to pass by twice in one attempt.
    if (!hasAnother || how === 'passing' || asked >= MOST_PLACES) return failure;
  }
}

async function fetchRecords(
  source: Source,
  spec: RecordsSpec,
  range: ByteRange,
  left: Set<number>,
  { signal, onBytes }: MendOptions,
  take: Take,
): Promise<SourceFailure | undefined> {
  const opened = await source.open(spec, range, signal);
  if (opened.status === 'failed') return opened.failure;
  const { recordBytes } = spec;
  const record = Buffer.alloc(recordBytes);
  let at = opened.from;
  try {
    for await (const chunk of opened.body) {
      if (opened.from !== range.offset) {
        const detail = `open [file=${spec.path}]: expected bytes from ${range.offset}, got bytes from ${opened.from}`;
        return sourceFailure('range-mismatch', detail);
      }
      // Whoever gives no parts goes on to the file's end.
      if (at >= range.end) break;
      onBytes(chunk.length);
      for (let from = 0; from < chunk.length && at < range.end; ) {
        const inRecord = at % recordBytes;
        const piece = chunk.subarray(from, from + recordBytes - inRecord);
        record.set(piece, inRecord);
        from += piece.length;
        at += piece.length;
        const begin = at - recordBytes;
        if (at % recordBytes !== 0 || !left.has(begin) || !isWhole(record)) continue;
        await take(record, begin);
        left.delete(begin);
      }
    }
  } catch (error) {
    if (error instanceof SourceBodyError) return error.failure;
    throw error;
  }
  if (at >= range.end) return undefined;
  return sourceFailure(
    'short-body',
    `open [file=${spec.path}]: expected bytes up to ${range.end}, got ${at}`,
  );
}

function isWhole(record: Uint8Array): boolean {
  const check = new RecordCheck(record.length);
  check.take(record);
  return check.end().length === 0;
}

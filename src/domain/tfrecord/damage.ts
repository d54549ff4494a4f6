/** Which records of a file are damaged, as it is noted and told: as ranges, `17,500-501`. */

import type { FileSpec } from '../dataset/file-spec.ts';
import type { RecordRange } from './record-check.ts';

/** Shown in a message; the rest is counted. */
const MOST_SHOWN = 12;
/** As long as a check's own ranges get. */
const MOST_TEXT = 4_096;

export function formatRecords(ranges: readonly RecordRange[]): string {
  return ranges.map(({ from, end }) => (end === from + 1 ? `${from}` : `${from}-${end - 1}`)).join(',');
}

/** The inverse; undefined where it is none, such as in notes of somebody else. */
export function parseRecords(text: unknown): readonly RecordRange[] | undefined {
  if (
    typeof text !== 'string' ||
    text.length > MOST_TEXT ||
    !/^\d{1,9}(-\d{1,9})?(,\d{1,9}(-\d{1,9})?)*$/.test(text)
  )
    return undefined;
  const ranges: RecordRange[] = [];
  for (const part of text.split(',')) {
    const [first = '', last = first] = part.split('-');
    const range = { from: Number(first), end: Number(last) + 1 };
    if (range.end <= range.from || range.from < (ranges.at(-1)?.end ?? 0)) return undefined;
    ranges.push(range);
  }
  return ranges;
}

/** Bytes of a file from `offset` up to `end`. */
export interface ByteRange {
  readonly offset: number;
  readonly end: number;
}

/** Where these records lie; undefined: the file has no records of one length, or not so many. */
export function bytesOfRecords(
  { size, recordBytes }: FileSpec,
  ranges: readonly RecordRange[],
): readonly ByteRange[] | undefined {
  if (size === undefined || recordBytes === undefined || size % recordBytes !== 0) return undefined;
  const bytes = ranges.map(({ from, end }) => ({ offset: from * recordBytes, end: end * recordBytes }));
  return bytes.every(({ end }) => end <= size) ? bytes : undefined;
}

/** More is fetched by ranges, as the whole file is. */
const MOST_MENDED_BYTES = 1024 ** 3;

/** What to fetch of a file whose other records are right; undefined: all of it is to be fetched. */
export function rangesToMend(
  spec: FileSpec,
  damaged: readonly RecordRange[] | undefined,
): readonly ByteRange[] | undefined {
  const ranges = damaged && damaged.length > 0 ? bytesOfRecords(spec, damaged) : undefined;
  const bytes = ranges?.reduce((sum, { offset, end }) => sum + end - offset, 0) ?? 0;
  return bytes > Math.min(MOST_MENDED_BYTES, (spec.size ?? 0) / 2) ? undefined : ranges;
}

/** How many of how many, and which. */
export function damageInWords(
  { size = 0, recordBytes = 1 }: FileSpec,
  ranges: readonly RecordRange[],
): string {
  if (ranges.length === 0) return 'all its records are whole';
  const count = ranges.reduce((sum, { from, end }) => sum + end - from, 0);
  const shown = formatRecords(ranges.slice(0, MOST_SHOWN)).replaceAll(',', ', ');
  const more = ranges.length > MOST_SHOWN ? ' and more' : '';
  return `${count} of its ${Math.floor(size / recordBytes)} records damaged: ${shown}${more}`;
}

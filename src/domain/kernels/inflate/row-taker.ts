import { wrongFilterType } from '../png-rows/contract.ts';
import { type OnRows, type RowsWanted, WrongStreamError } from './contract.ts';
import { BEYOND_BYTES, type Inflater } from './inflater.ts';

/** Rows that the kernel unfilters together. */
const TOGETHER = 4;
/** Wider rows come one by one: some of them waiting for others would take more memory than it saves time. */
const WIDE_BYTES = 64 * 1024;

/**
 * Begins a stream of filtered rows. Left columns alone are unfiltered, as a filter looks to the left and above; above the
 * first row that is wanted no more rows than the filters of lower ones look at.
 *
 * @returns throws where rows are missing
 */
export function rowTaker(
  inflater: Inflater,
  { height, length, used, top, isChecked }: RowsWanted,
  onRows: OnRows,
  block: number,
): () => void {
  const stride = 1 + length;
  const group = stride > WIDE_BYTES ? 1 : TOGETHER;
  const room = Math.max(block, stride);
  let row = 0;
  /** Rows that are there and wait for others. */
  let waiting = 0;
  let pixels = 0;

  const take = (from: number, to: number): number | undefined => {
    const there = Math.floor((to - from) / stride);
    if (row + there > height || (row + there === height && to - from > there * stride)) {
      throw new WrongStreamError(`expected ${height} rows of pixels, got more`);
    }
    const rows = row + there === height ? there : there - (there % group);
    waiting = there - rows;
    if (rows === 0) return from;
    const first = row;
    row += rows;
    const skipped = Math.min(rows - 1, notLookedAt(from, Math.min(rows, top - first)));
    const wrong = inflater.kernel.unfilter(from + skipped * stride, stride, pixels, rows - skipped, used);
    const bytes = inflater.bytes;
    if (wrong !== -1) throw wrongFilterType(bytes[from + (skipped + wrong) * stride]);
    const end = pixels + (rows - skipped) * used;
    const told = Math.max(top - first, skipped);
    const wantsMore =
      told >= rows || onRows(bytes.subarray(pixels + (told - skipped) * used, end), first + told);
    // The last one is above the next one. Whoever heard them has not grown this memory.
    bytes.copyWithin(pixels - used, end - used, end);
    return wantsMore ? from + rows * stride : undefined;
  };

  /** How many of the first `rows` need not be unfiltered: the last of them that looks at none above has no use for others. */
  const notLookedAt = (from: number, rows: number): number => {
    const bytes = inflater.bytes;
    let last = 0;
    for (let nth = 0; nth < rows; nth++) {
      const type = bytes[from + nth * stride] as number;
      if (type > 4) throw wrongFilterType(type);
      if (type <= 1) last = nth;
    }
    return last;
  };

  const heap = inflater.begin(room, group * stride, take, isChecked);
  const most = Math.ceil((room + Math.max(32 * 1024, group * stride) + BEYOND_BYTES) / stride) + 1;
  pixels = heap.take((most + 1) * used) + used;
  inflater.bytes.fill(0, pixels - used, pixels);
  return () => {
    if (row < height) throw new WrongStreamError(`expected ${height} rows of pixels, got ${row + waiting}`);
  };
}

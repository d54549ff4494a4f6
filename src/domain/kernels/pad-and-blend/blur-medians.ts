import type { WasmHeap } from '../../wasm/wasm-heap.ts';
import type { PadKernel } from './pad-kernel.ts';

/** Counters of `blendBlur`: for each channel, bins of 1/32 grey level. */
export const BINS = 8_192;
const BINS_PER_LEVEL = 32;

/** Samples of a padded picture as they lie in memory; each is within `error` of the exact one. */
export interface BlurredSamples {
  readonly at: number;
  /** Samples from one row to the next: a multiple of 12, with NaN behind the row's own. */
  readonly line: number;
  readonly width: number;
  readonly height: number;
  readonly error: number;
  /** The exact value of the sample at a place. */
  readonly exact: (place: number) => number;
}

interface Near {
  readonly below: number;
  readonly values: Float32Array;
  readonly places: Int32Array;
}

/**
 * The exact medians of the channels, NumPy's float32 mean of the two in the middle where their number is even. `bins`: the
 * counters of some rows, all over the picture, from which it is guessed where the medians lie. The guess is widened until it
 * holds them. Samples within twice the error of the middle ones may change places with them, and are computed exactly;
 * all others are surely below or above.
 */
export function blurMedians(
  kernel: PadKernel,
  heap: WasmHeap,
  samples: BlurredSamples,
  bins: Uint32Array,
): number[] {
  const count = samples.width * samples.height;
  const ranks = [(count - 1) >> 1, count >> 1] as const;
  const margin = 2 * samples.error;
  for (let slack = 0.005; ; slack *= 4) {
    const bounds = [0, 1, 2].map((channel) =>
      guess(bins.subarray(channel * BINS, (channel + 1) * BINS), slack, margin),
    );
    const found = collect(kernel, heap, samples, bounds);
    const medians = found.map((near, channel) => medianOf(near, ranks, samples, bounds[channel]));
    if (medians.every((median) => median !== undefined)) return medians;
  }
}

type Bounds = readonly [low: number, high: number];

/** Values between which the middle lies, if the counted rows are like the others. */
function guess(bins: Uint32Array, slack: number, margin: number): Bounds {
  if (slack > 0.5) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const total = bins.reduce((sum, count) => sum + count, 0);
  let low = 0;
  let seen = 0;
  while (low < BINS - 1 && seen + (bins[low] as number) < (0.5 - slack) * total)
    seen += bins[low++] as number;
  let high = low;
  while (high < BINS - 1 && seen + (bins[high] as number) < (0.5 + slack) * total)
    seen += bins[high++] as number;
  return [low / BINS_PER_LEVEL - 2 * margin, (high + 1) / BINS_PER_LEVEL + 2 * margin];
}

function collect(
  kernel: PadKernel,
  heap: WasmHeap,
  { at, line, height }: BlurredSamples,
  bounds: readonly Bounds[],
): Near[] {
  let rooms = [0, 1, 2].map(() => Math.ceil((line * height) / 90) + 1_000);
  for (;;) {
    const found = heap.during(() => {
      const edges = (nth: 0 | 1) =>
        heap.put(Float32Array.from({ length: 12 }, (_, lane) => bounds[lane % 3]?.[nth] ?? 0));
      const [lows, highs] = [edges(0), edges(1)];
      const below = heap.put(new Int32Array(3));
      const lists = heap.put(Int32Array.from(rooms.flatMap((room) => [heap.take(8 * room), room, 0])));
      for (let y = 0; y < height; y++) {
        kernel.collectNear(at + 4 * line * y, line / 12, line * y, lows, highs, below, lists);
      }
      const heads = heap.words(lists, 9).slice();
      const counts = [0, 1, 2].map((channel) => heads[channel * 3 + 2] as number);
      if (counts.some((size, channel) => size > (rooms[channel] as number))) return counts;
      return counts.map((size, channel): Near => {
        const list = heads[channel * 3] as number;
        return {
          below: heap.words(below, 3)[channel] as number,
          values: heap.floats(list, size).slice(),
          places: heap.words(list + 4 * (rooms[channel] as number), size).slice(),
        };
      });
    });
    if (!isCounts(found)) return found;
    rooms = found;
  }
}

function isCounts(found: readonly number[] | readonly Near[]): found is number[] {
  return typeof found[0] === 'number';
}

/** Undefined: it may lie outside of what was collected. */
function medianOf(
  { below, values, places }: Near,
  ranks: readonly [number, number],
  { error, exact }: BlurredSamples,
  [low, high]: Bounds = [0, 0],
): number | undefined {
  const [first, second] = [ranks[0] - below, ranks[1] - below];
  if (first < 0 || second >= values.length) return undefined;
  const sorted = values.slice();
  const from = nthOf(sorted, first) - 2 * error;
  const to = nthOf(sorted, second) + 2 * error;
  if (from < low || to > high) return undefined;
  let surelyBelow = 0;
  const near: number[] = [];
  for (let nth = 0; nth < values.length; nth++) {
    const value = values[nth] as number;
    if (value < from) surelyBelow++;
    else if (value <= to) near.push(exact(places[nth] as number));
  }
  const inOrder = Float32Array.from(near).sort();
  const one = inOrder[first - surelyBelow] as number;
  const other = inOrder[second - surelyBelow] as number;
  return first === second ? one : Math.fround(Math.fround(one + other) / 2);
}

/** The number with `nth` before it in order; moves the others about. */
function nthOf(values: Float32Array, nth: number): number {
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const pivot = values[(from + to) >> 1] as number;
    let left = from;
    let right = to;
    while (left <= right) {
      while ((values[left] as number) < pivot) left++;
      while ((values[right] as number) > pivot) right--;
      if (left > right) break;
      const value = values[left] as number;
      values[left++] = values[right] as number;
      values[right--] = value;
    }
    if (nth <= right) to = right;
    else if (nth >= left) from = left;
    else break;
  }
  return values[nth] as number;
}

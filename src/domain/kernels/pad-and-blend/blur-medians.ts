import type { WasmHeap } from '../../wasm/wasm-heap.ts';
import type { PadKernel } from './blur/pad-kernel.ts';

/** Counters of `blendBlur`: for each channel, bins of 1/32 grey level. */
export const BINS = 8_192;
const BINS_PER_LEVEL = 32;
/** Bins that the samples about the middle are counted in. */
const FINE_BINS = 8_192;
/** Samples about the middle that a list has room for beside those of some rows. */
const LEAST_ROOM = 16_384;

/** What is known of the samples of a padded picture: each is within `error` of the exact one. */
export interface BlurredSamples {
  readonly width: number;
  readonly height: number;
  readonly error: number;
  /** The exact values of the samples at some places. */
  readonly exact: (places: Int32Array) => Float32Array;
}

export type Bounds = readonly [low: number, high: number];

/**
 * Values between which each channel's middle lies, if the rows that were counted in `bins` are like the others. `slack`:
 * share of the samples by which they may differ. `error`: how far a sample may be from the exact one.
 */
export function guessBounds(bins: Uint32Array, slack: number, error: number): Bounds[] {
  return [0, 1, 2].map((channel) =>
    guess(bins.subarray(channel * BINS, (channel + 1) * BINS), slack, 2 * error),
  );
}

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

/** Samples of one channel: how many lie below the bounds, and those between them, piece by piece. */
interface Near {
  readonly below: number;
  readonly values: readonly Float32Array[];
  readonly places: readonly Int32Array[];
}

/** Gathers the samples about the middle, row by row; all others are only counted. */
export class NearSamples {
  readonly #kernel: PadKernel;
  readonly #heap: WasmHeap;
  readonly #bounds: readonly Bounds[];
  readonly #room: number;
  readonly #width: number;
  readonly #edges: readonly [lows: number, highs: number];
  readonly #below: number;
  readonly #lists: number;
  readonly #values: Float32Array[][] = [[], [], []];
  readonly #places: Int32Array[][] = [[], [], []];

  constructor(kernel: PadKernel, heap: WasmHeap, bounds: readonly Bounds[], width: number) {
    this.#kernel = kernel;
    this.#heap = heap;
    this.#bounds = bounds;
    this.#width = width;
    this.#room = 4 * width + LEAST_ROOM;
    const edges = (nth: 0 | 1) =>
      heap.put(Float32Array.from({ length: 12 }, (_, lane) => bounds[lane % 3]?.[nth] ?? 0));
    this.#edges = [edges(0), edges(1)];
    this.#below = heap.put(new Int32Array(3));
    this.#lists = heap.put(
      Int32Array.from([0, 1, 2].flatMap(() => [heap.take(8 * this.#room), this.#room, 0])),
    );
  }

  /** A row of samples at `row`, whose first has this place: a multiple of 12 of them, NaN behind the row's own. */
  take(row: number, samples: number, place: number): void {
    this.#kernel.collectNear(row, samples / 12, place, ...this.#edges, this.#below, this.#lists);
    for (const channel of [0, 1, 2]) {
      const [count] = this.#heap.words(this.#lists + 12 * channel + 8, 1);
      if (count !== undefined && count > this.#room - this.#width) this.#empty(channel);
    }
  }

  /**
   * The exact medians of the channels, NumPy's float32 mean of the two in the middle where their number is even. Samples
   * within twice the error of the middle ones may change places with them, and are computed exactly; all others are surely
   * below or above. Undefined: the bounds do not hold them.
   */
  medians(samples: BlurredSamples): readonly number[] | undefined {
    const count = samples.width * samples.height;
    const ranks = [(count - 1) >> 1, count >> 1] as const;
    const below = this.#heap.words(this.#below, 3).slice();
    const found: number[] = [];
    for (const channel of [0, 1, 2]) {
      this.#empty(channel);
      const near = {
        below: below[channel] as number,
        values: this.#values[channel] ?? [],
        places: this.#places[channel] ?? [],
      };
      const median = medianOf(near, ranks, samples, this.#bounds[channel]);
      if (median === undefined) return undefined;
      found.push(median);
    }
    return found;
  }

  #empty(channel: number): void {
    const head = this.#heap.words(this.#lists + 12 * channel, 3);
    const [list = 0, room = 0, count = 0] = head;
    this.#values[channel]?.push(this.#heap.floats(list, count).slice());
    this.#places[channel]?.push(this.#heap.words(list + 4 * room, count).slice());
    head[2] = 0;
  }
}

function medianOf(
  near: Near,
  ranks: readonly [number, number],
  { error, exact }: BlurredSamples,
  [low, high]: Bounds = [0, 0],
): number | undefined {
  const [first, second] = [ranks[0] - near.below, ranks[1] - near.below];
  const middle = first < 0 ? undefined : middleOf(near, first, second, [low, high], 2 * error);
  if (middle === undefined) return undefined;
  const moved = middle.values.slice();
  const from = nthOf(moved, first - middle.before) - 2 * error;
  const to = nthOf(moved, second - middle.before) + 2 * error;
  if (from < low || to > high) return undefined;
  let surelyBelow = middle.before;
  let count = 0;
  const inDoubt = new Int32Array(moved.length);
  for (let nth = 0; nth < moved.length; nth++) {
    const value = middle.values[nth] as number;
    if (value < from) surelyBelow++;
    else if (value <= to) inDoubt[count++] = middle.places[nth] as number;
  }
  const values = exact(inDoubt.subarray(0, count));
  const one = nthOf(values, first - surelyBelow);
  const other = nthOf(values, second - surelyBelow);
  return first === second ? one : Math.fround(Math.fround(one + other) / 2);
}

/** Samples that lie next to one another in order, and how many of those gathered lie below them. */
interface Middle {
  readonly before: number;
  readonly values: Float32Array;
  readonly places: Int32Array;
}

/**
 * The samples within `margin` of those with `first` and with `second` before them, and some more: they are told apart by
 * counting, which takes a look at each where sorting takes many. Undefined: there are not so many.
 */
function middleOf(
  { values, places }: Near,
  first: number,
  second: number,
  [low, high]: Bounds,
  margin: number,
): Middle | undefined {
  const from = Math.max(low, -1);
  const scale = FINE_BINS / (Math.min(high, 256) - from);
  const counts = new Uint32Array(FINE_BINS + 1);
  for (const piece of values) {
    for (let at = 0; at < piece.length; at++) {
      const bin = (((piece[at] as number) - from) * scale) | 0;
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
  const sums = counts.slice();
  for (let bin = 1; bin < sums.length; bin++) sums[bin] = (sums[bin] as number) + (sums[bin - 1] as number);
  if (second >= (sums[FINE_BINS] as number)) return undefined;
  const more = Math.ceil(margin * scale) + 1;
  const least = Math.max(0, sums.findIndex((sum) => sum > first) - more);
  const most = Math.min(FINE_BINS, sums.findIndex((sum) => sum > second) + more);
  const before = least === 0 ? 0 : (sums[least - 1] as number);
  const count = (sums[most] as number) - before;
  const middle = { before, values: new Float32Array(count), places: new Int32Array(count) };
  let next = 0;
  for (const [nth, piece] of values.entries()) {
    const own = places[nth] as Int32Array;
    for (let at = 0; at < piece.length; at++) {
      const value = piece[at] as number;
      const bin = ((value - from) * scale) | 0;
      if (bin < least || bin > most) continue;
      middle.values[next] = value;
      middle.places[next++] = own[at] as number;
    }
  }
  return middle;
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

import type { Quad, Size } from '../../raster/picture.ts';
import { copyTo, type PictureRows } from '../../raster/picture-rows.ts';
import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate } from '../../wasm/wasm-kernel.ts';
import { type Columns, quadRows } from '../sample-quad/quad-rows.ts';
import { blended, blurShare, medianShare, toByte } from './blend.ts';
import { isByteInDoubt } from './blend-doubt.ts';
import type { Blur } from './blur/blur.ts';
import { cosineFit, HALF_ULP } from './blur/cosine-fit.ts';
import { FullBlur } from './blur/full-blur.ts';
import { GridBlur } from './blur/grid-blur.ts';
import { mirrorPlan, placesOf, rowGroups, type Span, twinsOf } from './blur/mirror-plan.ts';
import type { PadKernel } from './blur/pad-kernel.ts';
import { extended } from './blur/reflect-index.ts';
import { type SplineGrid, splineGrid } from './blur/spline-grid.ts';
import { type BlurPlan, LANES } from './blur/strip-filter.ts';
import { BINS, guessBounds, NearSamples } from './blur-medians.ts';
import { checkPad, type PadAndBlend } from './contract.ts';
import { gaussianWeights } from './gaussian.ts';
import { padMask } from './pad-mask.ts';
import { WaitingSamples } from './waiting-samples.ts';

/** Rows that are counted to guess where the medians lie, and those that they are mirrored in. */
const COUNTED_ROWS = 64;
/** Share of the samples by which these may differ from the others, at first. */
const SLACK = 0.01;
/** Where no median is blended in, any will do. */
const NO_MEDIANS: readonly number[] = [0, 0, 0];
/** A memory this large is given back after use: WebAssembly's memories only grow. Fresh pages cost as much as the work. */
const KEPT_BYTES = 512 * 1024 ** 2;
const KEPT_OUTPUT = 64 * 1024 ** 2;

/**
 * {@link PadAndBlend} by `assembly/pad-and-blend`. Memory: 8 bytes a pixel of the crop and 4 of the padded picture, 15
 * of the crop where the blur is narrow; of what the quad may look at, 3 a pixel and 12 more a pixel of the pads; and 8
 * to 32 for each sample about as bright as the median.
 */
export function simdPadAndBlend(module: WebAssembly.Module): PadAndBlend {
  let kernel = instantiate<PadKernel>(module);
  let output = new Uint8Array(0);
  return (crop, pad, sigma, corners) => {
    checkPad(crop, pad, sigma);
    const weights = gaussianWeights(sigma);
    const radius = weights.length - 1;
    const width = pad.left + crop.width + pad.right;
    const height = pad.top + crop.height + pad.bottom;
    const mask = padMask(width, height, pad);
    const across = mirrorPlan(crop.width, pad.left, pad.right, radius, mask.columns.map(blurShare));
    const down = mirrorPlan(crop.height, pad.top, pad.bottom, radius, mask.rows.map(blurShare));
    const fit = cosineFit(weights, Math.max(width, height));
    const grid = splineGrid(sigma, weights);
    const bytes = 3 * width * height;
    const data = bytes <= output.length ? output.subarray(0, bytes) : new Uint8Array(bytes);
    if (bytes <= KEPT_OUTPUT && bytes > output.length) output = data;
    new Padding(kernel, crop, { weights, fit, grid, mask, across, down }).run(data, corners);
    if (kernel.memory.buffer.byteLength > KEPT_BYTES) kernel = instantiate(module);
    return { width, height, data };
  };
}

interface PaddingPlan extends BlurPlan {
  readonly grid: SplineGrid | undefined;
  readonly mask: { readonly columns: Float32Array; readonly rows: Float32Array };
}

/** Bounds of how far samples are from the reference's, in grey levels: blurred, blended into the blur, and into the median. */
interface Errors {
  readonly ofBlur: number;
  readonly ofValue: number;
  readonly ofResult: number;
}

/**
 * One picture on its way through the kernels. How far a sample may be from the reference's, in grey levels: as far as
 * the blur says; the blend into it by three roundings here and
 * three there; the blend into the median by as many again.
 */
class Padding {
  readonly #kernel: PadKernel;
  readonly #heap: WasmHeap;
  readonly #crop: Size;
  readonly #plan: PaddingPlan;
  readonly #radius: number;
  readonly #width: number;
  readonly #height: number;
  /** Samples from one row of the padded picture to the next. */
  readonly #line: number;
  readonly #bytes: number;
  readonly #rowIndex: number;
  readonly #columnIndex: number;
  readonly #columns: number;
  readonly #rowMasks: number;
  /** One row on its way: what stands there, blended into its blur, and as bytes. */
  readonly #pixels: number;
  readonly #blended: number;
  readonly #rounded: number;
  readonly #doubtful: number;
  readonly #columnPlaces: number;
  /** Three medians, four times over. */
  readonly #repeated: number;
  /** Places of the columns, `to` exclusive, that no median is blended into because of where they are. */
  readonly #inner: Span;
  readonly #errors: Errors;
  readonly #blur: Blur;

  constructor(kernel: PadKernel, crop: PictureRows, plan: PaddingPlan) {
    this.#kernel = kernel;
    this.#heap = new WasmHeap(kernel);
    this.#crop = crop;
    this.#plan = plan;
    this.#radius = plan.weights.length - 1;
    this.#width = plan.across.index.length;
    this.#height = plan.down.index.length;
    this.#line = Math.ceil(this.#width / 4) * 12;
    const heap = this.#heap;
    const cropBytes = 3 * crop.width * crop.height;
    this.#bytes = heap.take(cropBytes);
    crop.read(copyTo(heap.bytes().subarray(this.#bytes, this.#bytes + cropBytes), crop.width));
    this.#rowIndex = heap.put(extended(plan.down.index, this.#radius));
    this.#columnIndex = heap.put(extended(plan.across.index, this.#radius));
    const { columns } = plan.mask;
    this.#columns = heap.put(
      Float32Array.from({ length: this.#line }, (_, at) => columns[Math.floor(at / 3)] ?? 0),
    );
    this.#rowMasks = heap.put(plan.mask.rows);
    this.#pixels = heap.take(4 * this.#line);
    this.#blended = heap.take(4 * this.#line);
    this.#rounded = heap.take(this.#line);
    this.#doubtful = heap.take(4 * this.#line);
    this.#columnPlaces = heap.put(plan.across.index);
    this.#repeated = heap.take(4 * 12);
    const isInner = (mask: number) => mask <= 0;
    const from = columns.findIndex(isInner);
    this.#inner = { from: Math.max(0, from), to: from < 0 ? 0 : columns.findLastIndex(isInner) + 1 };
    this.#blur = plan.grid
      ? new GridBlur(kernel, heap, this.#bytes, crop, plan, plan.grid)
      : new FullBlur(kernel, heap, this.#bytes, crop, plan);
    const ofBlur = this.#blur.error;
    this.#errors = { ofBlur, ofValue: ofBlur + 6 * HALF_ULP, ofResult: ofBlur + 12 * HALF_ULP };
  }

  /** To `data`, where the quad looks at it. */
  run(data: Uint8Array, corners: Quad | undefined): void {
    const heap = this.#heap;
    const whole: Columns = { from: 0, to: this.#width };
    const seen = corners ? quadRows(corners, this.#width, this.#height) : undefined;
    this.#beginExact();
    const own = placesOf(this.#plan.down.own);
    const twins = twinsOf(this.#plan.down.twin);
    const every = Math.max(1, Math.floor(own.length / COUNTED_ROWS));
    const counted = own.filter((_, nth) => nth % every === every >> 1);
    const bins = heap.put(new Uint32Array(3 * BINS));
    const known = new Map<number, number>();
    for (const { places, spans } of rowGroups(counted, this.#plan.across, this.#plan.down, LANES)) {
      const rows = Array.from({ length: LANES }, () => heap.take(4 * this.#line));
      if (spans.length > 0) this.#blur.rows(places, spans, rows);
      for (const [lane, y] of places.entries()) {
        known.set(y, rows[lane] as number);
        this.#spread(y);
        for (const twin of [y, ...(twins.get(y) ?? [])]) this.#blendRow(twin, rows[lane] as number, bins);
      }
    }
    const others = own.filter((y) => !known.has(y));
    const counts = new Uint32Array(heap.bytes().buffer, bins, 3 * BINS).slice();
    for (let slack = SLACK; ; slack *= 4) {
      const isDone = heap.during(() => {
        const bounds = guessBounds(counts, slack, this.#errors.ofValue);
        const near = new NearSamples(this.#kernel, heap, bounds, this.#width);
        const waiting = new WaitingSamples(heap);
        const finish = (y: number, blurred: number) => {
          this.#blendRow(y, blurred, 0);
          near.take(this.#blended, this.#line, this.#line * y);
          this.#decide(y, seen?.[y] ?? whole, data, waiting);
        };
        this.#setMedians(NO_MEDIANS);
        const finishAll = (y: number, blurred: number) => {
          this.#spread(y);
          for (const twin of [y, ...(twins.get(y) ?? [])]) finish(twin, blurred);
        };
        for (const [y, blurred] of known) finishAll(y, blurred);
        const rows = Array.from({ length: LANES }, () => heap.take(4 * this.#line));
        for (const { places, spans } of rowGroups(others, this.#plan.across, this.#plan.down, LANES)) {
          if (spans.length > 0) this.#blur.rows(places, spans, rows);
          for (const [lane, y] of places.entries()) finishAll(y, rows[lane] as number);
        }
        const medians = near.medians({
          width: this.#width,
          height: this.#height,
          error: this.#errors.ofValue,
          exact: (places) => this.#exactBlends(places),
        });
        if (medians === undefined) return false;
        this.#setMedians(medians);
        for (const piece of waiting.pieces) this.#toBytes(piece, piece.at, medians, data);
        return true;
      });
      if (isDone) return;
    }
  }

  #setMedians(medians: readonly number[]): void {
    const repeated = this.#heap.floats(this.#repeated, 12);
    for (let at = 0; at < 12; at++) repeated[at] = medians[at % 3] as number;
  }

  /** What stands in a row, as floats. */
  #spread(y: number): void {
    const row = this.#bytes + (this.#plan.down.index[y] as number) * 3 * this.#crop.width;
    this.#kernel.spreadBytes(row, this.#columnPlaces, this.#width, this.#pixels);
  }

  /** A row, spread already, blended into its blur. */
  #blendRow(y: number, blurred: number, bins: number): void {
    const share = this.#plan.mask.rows[y] as number;
    this.#kernel.blendBlur(this.#pixels, blurred, this.#columns, share, 3 * this.#width, this.#blended, bins);
  }

  /** Bytes of what no median is blended into; the rest of what the quad looks at waits for the medians. */
  #decide(y: number, { from, to }: Columns, data: Uint8Array, waiting: WaitingSamples): void {
    const isInner = (this.#plan.mask.rows[y] as number) <= 0;
    const left = isInner ? Math.min(to, Math.max(from, this.#inner.from)) : to;
    const right = Math.max(left, Math.min(to, this.#inner.to));
    this.#toBytes({ y, from: left, to: right }, this.#blended, NO_MEDIANS, data);
    waiting.put(y, from, left, this.#blended);
    waiting.put(y, right, to, this.#blended);
  }

  /** Part of a row, of whose samples blended into their blur the first is at `samples`, to its bytes. */
  #toBytes(
    { y, from: left, to: right }: Span & { readonly y: number },
    samples: number,
    medians: readonly number[],
    data: Uint8Array,
  ): void {
    if (left >= right) return;
    const [kernel, heap, width] = [this.#kernel, this.#heap, this.#width];
    // Samples are worked on by twelve, the first of which is the first of a vector.
    const first = 3 * (left - (left % 4));
    const from = samples + 4 * first;
    const count = kernel.blendMedian(
      from,
      this.#columns + 4 * first,
      this.#plan.mask.rows[y] as number,
      this.#repeated,
      3 * right - first,
      this.#rounded,
      0.5 - this.#errors.ofResult,
      this.#doubtful,
    );
    const inDoubt: number[] = [];
    if (count > 0) {
      const values = heap.floats(from, this.#line);
      for (const nth of heap.words(this.#doubtful, count)) {
        const place = first + nth;
        if (place < 3 * left || place >= 3 * right) continue;
        const mask = this.#maskAt(Math.floor(place / 3), y);
        const sample = {
          pixel: this.#pixelAt(place, y),
          value: values[nth] as number,
          blurShare: blurShare(mask),
          median: medians[place % 3] as number,
          medianShare: medianShare(mask),
        };
        if (isByteInDoubt(sample, this.#errors.ofBlur)) inDoubt.push(place);
      }
    }
    const start = this.#rounded + 3 * left - first;
    const row = 3 * width * y;
    data.set(heap.bytes().subarray(start, start + 3 * (right - left)), row + 3 * left);
    if (inDoubt.length === 0) return;
    const exact = this.#exactBlends(Int32Array.from(inDoubt, (place) => this.#line * y + place));
    for (const [nth, place] of inDoubt.entries()) {
      const share = medianShare(this.#maskAt(Math.floor(place / 3), y));
      data[row + place] = toByte(blended(exact[nth] as number, medians[place % 3] as number, share));
    }
  }

  #beginExact(): void {
    const { width } = this.#crop;
    this.#kernel.beginExact(
      this.#bytes,
      width,
      this.#rowIndex,
      this.#columnIndex,
      this.#heap.put(this.#plan.weights),
      this.#radius,
      this.#heap.take(4 * (256 + 57 * Math.ceil(width / 16))),
    );
  }

  /** Samples of the padded picture blended into their blur, as the reference has them. */
  #exactBlends(places: Int32Array): Float32Array {
    const heap = this.#heap;
    return heap.during(() => {
      const at = heap.put(places);
      this.#kernel.blendExactly(at, places.length, this.#line, this.#columns, this.#rowMasks, at);
      return heap.floats(at, places.length).slice();
    });
  }

  #pixelAt(place: number, y: number): number {
    const { across, down } = this.#plan;
    const x = across.index[Math.floor(place / 3)] as number;
    const at = 3 * ((down.index[y] as number) * this.#crop.width + x) + (place % 3);
    return this.#heap.bytes()[this.#bytes + at] as number;
  }

  #maskAt(x: number, y: number): number {
    const { columns, rows } = this.#plan.mask;
    return Math.max(columns[x] as number, rows[y] as number);
  }
}

import type { Quad, Size } from '../../raster/picture.ts';
import { copyTo, type PictureRows } from '../../raster/picture-rows.ts';
import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate } from '../../wasm/wasm-kernel.ts';
import { type Columns, quadRows } from '../sample-quad/quad-rows.ts';
import { blended, blurShare, medianShare, toByte } from './blend.ts';
import { isByteInDoubt } from './blend-doubt.ts';
import { BINS, guessBounds, NearSamples } from './blur-medians.ts';
import { checkPad, type PadAndBlend } from './contract.ts';
import { type CosineFit, cosineFit, HALF_ULP } from './cosine-fit.ts';
import { gaussianWeights } from './gaussian.ts';
import {
  columnsNear,
  type MirrorPlan,
  mirrorPlan,
  placesOf,
  rowGroups,
  type Span,
  twinsOf,
} from './mirror-plan.ts';
import type { PadKernel } from './pad-kernel.ts';
import { padMask } from './pad-mask.ts';
import { extended } from './reflect-index.ts';
import { WaitingSamples } from './waiting-samples.ts';

/** Rows that the filter along them takes together. */
const LANES = 8;
const STRIP_ROW = 64;
/** Samples of a row that the filter down the columns takes together: some strips. */
const TILE = 64;
/** Places of an axis that a strip holds beyond the window's reach. */
const BEYOND = 2;
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
 * {@link PadAndBlend} by `assembly/pad-and-blend`. Memory: 15 bytes a pixel of the crop; of what the quad may look at, 3 a
 * pixel and 12 more a pixel of the pads; and 8 to 32 for each sample about as bright as the median.
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
    const across = mirrorPlan(crop.width, pad.left, pad.right, radius, mask.columns);
    const down = mirrorPlan(crop.height, pad.top, pad.bottom, radius, mask.rows);
    const fit = cosineFit(weights, Math.max(width, height));
    const bytes = 3 * width * height;
    const data = bytes <= output.length ? output.subarray(0, bytes) : new Uint8Array(bytes);
    if (bytes <= KEPT_OUTPUT && bytes > output.length) output = data;
    new Padding(kernel, crop, { weights, fit, mask, across, down }).run(data, corners);
    if (kernel.memory.buffer.byteLength > KEPT_BYTES) kernel = instantiate(module);
    return { width, height, data };
  };
}

interface PaddingPlan {
  readonly weights: Float64Array;
  readonly fit: CosineFit;
  readonly mask: { readonly columns: Float32Array; readonly rows: Float32Array };
  readonly across: MirrorPlan;
  readonly down: MirrorPlan;
}

/** Bounds of how far samples are from the reference's, in grey levels: blurred, blended into the blur, and into the median. */
interface Errors {
  readonly ofBlur: number;
  readonly ofValue: number;
  readonly ofResult: number;
}

/**
 * One picture on its way through the kernels. How far a sample may be from the reference's, in grey levels: each pass of
 * the blur by the fit's error and one rounding to float32 here and one there; the blend into it by three roundings here and
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
  readonly #terms: number;
  readonly #work: number;
  readonly #rowIndex: number;
  readonly #columnIndex: number;
  readonly #strip: number;
  readonly #columns: number;
  /** One row on its way: what stands there, blended into its blur, and as bytes. */
  readonly #pixels: number;
  readonly #blended: number;
  readonly #rounded: number;
  readonly #doubtful: number;
  readonly #columnPlaces: number;
  readonly #columnTwins: number;
  /** Three medians, four times over. */
  readonly #repeated: number;
  /** Places of the columns, `to` exclusive, that no median is blended into because of where they are. */
  readonly #inner: Span;
  readonly #errors: Errors;

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
    this.#terms = heap.put(plan.fit.terms);
    this.#work = heap.take(STRIP_ROW * (3 * 32 + 2 * plan.fit.cosines + this.#radius + 2));
    this.#rowIndex = heap.put(extended(plan.down.index, this.#radius + BEYOND));
    this.#columnIndex = heap.put(extended(plan.across.index, this.#radius + BEYOND));
    this.#strip = heap.take(STRIP_ROW * this.#stripLength(Math.max(this.#width, this.#height)));
    const { columns } = plan.mask;
    this.#columns = heap.put(
      Float32Array.from({ length: this.#line }, (_, at) => columns[Math.floor(at / 3)] ?? 0),
    );
    this.#pixels = heap.take(4 * this.#line);
    this.#blended = heap.take(4 * this.#line);
    this.#rounded = heap.take(this.#line);
    this.#doubtful = heap.take(4 * this.#line);
    this.#columnPlaces = heap.put(plan.across.index);
    this.#columnTwins = heap.put(plan.across.twin);
    this.#repeated = heap.take(4 * 12);
    const isInner = (mask: number) => mask <= 0;
    const from = columns.findIndex(isInner);
    this.#inner = { from: Math.max(0, from), to: from < 0 ? 0 : columns.findLastIndex(isInner) + 1 };
    const ofBlur = 2 * plan.fit.error + 4 * HALF_ULP;
    this.#errors = { ofBlur, ofValue: ofBlur + 6 * HALF_ULP, ofResult: ofBlur + 12 * HALF_ULP };
  }

  /** To `data`, where the quad looks at it. */
  run(data: Uint8Array, corners: Quad | undefined): void {
    const heap = this.#heap;
    const whole: Columns = { from: 0, to: this.#width };
    const seen = corners ? quadRows(corners, this.#width, this.#height) : undefined;
    const vertical = this.#filterDown();
    const output = heap.take(32 * this.#width);
    this.#beginExact();
    const own = placesOf(this.#plan.down.own);
    const twins = twinsOf(this.#plan.down.twin);
    const every = Math.max(1, Math.floor(own.length / COUNTED_ROWS));
    const counted = own.filter((_, nth) => nth % every === every >> 1);
    const bins = heap.put(new Uint32Array(3 * BINS));
    const known = new Map<number, number>();
    for (const { places, spans } of rowGroups(counted, this.#plan.across, this.#plan.down, LANES)) {
      const rows = Array.from({ length: LANES }, () => heap.take(4 * this.#line));
      this.#blurRows(places.map(vertical), spans, rows, output);
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
          this.#blurRows(places.map(vertical), spans, rows, output);
          for (const [lane, y] of places.entries()) finishAll(y, rows[lane] as number);
        }
        const medians = near.medians({
          width: this.#width,
          height: this.#height,
          error: this.#errors.ofValue,
          exact: (place) => this.#exactBlend(place % this.#line, Math.floor(place / this.#line)),
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

  /** The blur of some rows, where it has weight, and of the columns that they are mirrored in. */
  #blurRows(from: readonly number[], spans: readonly Span[], to: readonly number[], output: number): void {
    if (spans.length === 0) return;
    this.#filterAcross(from, spans, to, output);
    for (const row of to.slice(0, from.length)) this.#kernel.mirror(row, this.#columnTwins, this.#width);
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

  /** The first pass, over the crop's own columns: padding only repeats them. Answers where each row lies. */
  #filterDown(): (y: number) => number {
    const [kernel, heap] = [this.#kernel, this.#heap];
    const { width } = this.#crop;
    const { across, down } = this.#plan;
    const stride = 4 * Math.ceil((3 * width) / TILE) * TILE;
    const slots = new Map<number, number>();
    for (const y of placesOf(down.own)) slots.set(y, slots.size);
    const buffer = heap.take(stride * slots.size);
    const rowAt = (y: number) => buffer + stride * (slots.get(y) ?? 0);
    const isSide = columnsNear(across, width, this.#radius + BEYOND);
    const length = this.#stripLength(this.#height);
    heap.during(() => {
      const tile = heap.take(TILE * length);
      const output = heap.take(4 * TILE * this.#height);
      for (let sample = 0; sample < 3 * width; sample += TILE) {
        const [first, last] = [Math.floor(sample / 3), Math.floor((sample + TILE - 1) / 3)];
        const spans = isSide.subarray(first, last + 1).includes(1) ? down.own : down.edge;
        const strips = Math.min(TILE / LANES, Math.ceil((3 * width - sample) / LANES));
        if (spans.length === 0) continue;
        kernel.cutTile(this.#bytes + sample, 3 * width, this.#rowIndex, length, tile);
        for (let strip = 0; strip < strips; strip++) {
          kernel.fillDown(tile + LANES * strip, length, this.#strip);
          for (const { from, to } of spans) {
            // The spans' results lie in `output` as far apart as the spans do.
            this.#filterStrip({ from, to }, output + 4 * (TILE * from + LANES * (to - from) * strip));
          }
        }
        for (const { from, to } of spans) {
          const at = rowAt(from) + 4 * sample;
          kernel.scatterDown(output + 4 * TILE * from, strips, to - from, at, stride);
        }
      }
    });
    return rowAt;
  }

  /** The second pass, for some rows at once: `sources` are rows of the first one. */
  #filterAcross(
    sources: readonly number[],
    spans: readonly Span[],
    to: readonly number[],
    output: number,
  ): void {
    if (spans.length === 0) return;
    const [kernel, heap] = [this.#kernel, this.#heap];
    heap.during(() => {
      const lanes = Array.from({ length: LANES }, (_, lane) => sources[lane] ?? (sources[0] as number));
      const from = heap.put(Int32Array.from(lanes));
      const rows = heap.put(Int32Array.from(to));
      for (let channel = 0; channel < 3; channel++) {
        const length = this.#stripLength(this.#width);
        kernel.fillAcross(from, channel, this.#columnIndex, length, this.#strip);
        for (const span of spans) {
          this.#filterStrip(span, output);
          kernel.scatterAcross(output, span.to - span.from, rows, channel, span.from);
        }
      }
    });
  }

  #filterStrip({ from, to }: Span, output: number): void {
    const { cosines } = this.#plan.fit;
    const [strip, radius, terms, work] = [this.#strip, this.#radius, this.#terms, this.#work];
    this.#kernel.filterStrip(strip, from, to, radius, terms, cosines, work, output);
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
    const bytes = heap.bytes();
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
        if (!isByteInDoubt(sample, this.#errors.ofBlur)) continue;
        const value = this.#exactBlend(place, y);
        bytes[this.#rounded + nth] = toByte(blended(value, sample.median, sample.medianShare));
      }
    }
    const start = this.#rounded + 3 * left - first;
    data.set(bytes.subarray(start, start + 3 * (right - left)), 3 * (width * y + left));
  }

  #beginExact(): void {
    const { width } = this.#crop;
    const reach = 4 * BEYOND;
    this.#kernel.beginExact(
      this.#bytes,
      width,
      this.#rowIndex + reach,
      this.#columnIndex + reach,
      this.#heap.put(this.#plan.weights),
      this.#radius,
      this.#heap.take(4 * (256 + 57 * Math.ceil(width / 16))),
    );
  }

  /** A sample of the padded picture blended into its blur, as the reference has it. `place`: in its row. */
  #exactBlend(place: number, y: number): number {
    const [x, channel] = [Math.floor(place / 3), place % 3];
    const pixel = this.#pixelAt(place, y);
    const share = blurShare(this.#maskAt(x, y));
    return share > 0 ? blended(pixel, this.#kernel.exactBlur(x, y, channel), share) : pixel;
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

  #stripLength(places: number): number {
    return places + 2 * (this.#radius + BEYOND);
  }
}

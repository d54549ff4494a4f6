import type { Picture, Quad } from '../../raster/picture.ts';
import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate } from '../../wasm/wasm-kernel.ts';
import { type Columns, quadRows } from '../sample-quad/quad-rows.ts';
import { blended, blurShare, medianShare, toByte } from './blend.ts';
import { isByteInDoubt } from './blend-doubt.ts';
import { BINS, blurMedians } from './blur-medians.ts';
import { checkPad, type PadAndBlend } from './contract.ts';
import { type CosineFit, cosineFit, HALF_ULP } from './cosine-fit.ts';
import { gaussianWeights } from './gaussian.ts';
import { columnsNear, type MirrorPlan, mirrorPlan, placesOf, type Span, twinsOf } from './mirror-plan.ts';
import type { PadKernel } from './pad-kernel.ts';
import { padMask } from './pad-mask.ts';
import { mirrorIndex } from './reflect-index.ts';

/** Rows that the filter along them takes together. */
const LANES = 8;
const STRIP_ROW = 64;
/** Samples of a row that the filter down the columns takes together: some strips. */
const TILE = 64;
/** Places of an axis that a strip holds beyond the window's reach. */
const BEYOND = 2;
/** Rows that are counted to guess where the medians lie, at least. */
const COUNTED_ROWS = 128;
/** A memory this large is given back after use: WebAssembly's memories only grow. Fresh pages cost as much as the work. */
const KEPT_BYTES = 1024 ** 3;

/**
 * {@link PadAndBlend} by `assembly/pad-and-blend`. Memory: 15 bytes a padded pixel, 15 a pixel of the crop, and 8 for each
 * sample about as bright as the median.
 */
export function simdPadAndBlend(module: WebAssembly.Module): PadAndBlend {
  let kernel = instantiate<PadKernel>(module);
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
    const result = new Padding(kernel, crop, { weights, fit, mask, across, down }).run(corners);
    if (kernel.memory.buffer.byteLength <= KEPT_BYTES) return result;
    kernel = instantiate(module);
    return { ...result, data: result.data.slice() };
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
  readonly #crop: Picture;
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

  constructor(kernel: PadKernel, crop: Picture, plan: PaddingPlan) {
    this.#kernel = kernel;
    this.#heap = new WasmHeap(kernel);
    this.#crop = crop;
    this.#plan = plan;
    this.#radius = plan.weights.length - 1;
    this.#width = plan.across.index.length;
    this.#height = plan.down.index.length;
    this.#line = Math.ceil(this.#width / 4) * 12;
    const heap = this.#heap;
    this.#bytes = heap.put(crop.data);
    this.#terms = heap.put(plan.fit.terms);
    this.#work = heap.take(STRIP_ROW * (3 * 32 + 2 * plan.fit.cosines + this.#radius + 2));
    this.#rowIndex = heap.put(this.#extended(plan.down.index));
    this.#columnIndex = heap.put(this.#extended(plan.across.index));
    this.#strip = heap.take(STRIP_ROW * this.#stripLength(Math.max(this.#width, this.#height)));
  }

  run(corners: Quad | undefined): Picture {
    const heap = this.#heap;
    const { mask, fit } = this.#plan;
    const columns = heap.put(
      Float32Array.from({ length: this.#line }, (_, at) => mask.columns[Math.floor(at / 3)] ?? 0),
    );
    const samples = heap.take(4 * this.#line * this.#height);
    const bins = heap.put(new Uint32Array(3 * BINS));
    this.#blendBlur(columns, samples, bins);
    this.#beginExact();
    const ofBlur = 2 * fit.error + 4 * HALF_ULP;
    const errors = { ofBlur, ofValue: ofBlur + 6 * HALF_ULP, ofResult: ofBlur + 12 * HALF_ULP };
    const medians = blurMedians(
      this.#kernel,
      heap,
      {
        at: samples,
        line: this.#line,
        width: this.#width,
        height: this.#height,
        error: errors.ofValue,
        exact: (place) => this.#exactBlend(place % this.#line, Math.floor(place / this.#line)),
      },
      new Uint32Array(heap.bytes().buffer, bins, 3 * BINS).slice(),
    );
    return this.#blendMedians(columns, samples, medians, errors, corners);
  }

  /** Blurs the picture where that has weight, and blends each row into its blur. */
  #blendBlur(columns: number, samples: number, bins: number): void {
    const [kernel, heap, width] = [this.#kernel, this.#heap, this.#width];
    const { across, down, mask } = this.#plan;
    const vertical = this.#filterDown();
    const columnIndex = heap.put(across.index);
    const columnTwin = heap.put(across.twin);
    const pixels = heap.take(4 * this.#line);
    const rows = Array.from({ length: LANES }, () => heap.take(4 * this.#line));
    const output = heap.take(32 * width);
    const twins = twinsOf(down.twin);
    const every = Math.max(1, Math.floor(this.#height / COUNTED_ROWS));
    for (const { places, spans } of this.#rowGroups()) {
      const sources = places.map(vertical);
      this.#filterAcross(sources, spans, rows, output);
      for (const [lane, y] of places.entries()) {
        const blurred = rows[lane] as number;
        if (spans.length > 0) kernel.mirror(blurred, columnTwin, width);
        const row = this.#bytes + (down.index[y] as number) * 3 * this.#crop.width;
        kernel.spreadBytes(row, columnIndex, width, pixels);
        for (const twin of [y, ...(twins.get(y) ?? [])]) {
          const to = samples + 4 * this.#line * twin;
          const counted = twin % every === 0 ? bins : 0;
          kernel.blendBlur(pixels, blurred, columns, mask.rows[twin] as number, 3 * width, to, counted);
        }
      }
    }
  }

  /** Rows that are their own twins, as many at a time as the filter takes, all with the same spans to be filtered. */
  *#rowGroups(): Generator<{ readonly places: readonly number[]; readonly spans: readonly Span[] }> {
    const { across, down } = this.#plan;
    const isEdge = (y: number) => down.edge.some(({ from, to }) => y >= from && y < to);
    const own = placesOf(down.own);
    for (const [rows, spans] of [
      [own.filter(isEdge), across.own],
      [own.filter((y) => !isEdge(y)), across.edge],
    ] as const) {
      for (let first = 0; first < rows.length; first += LANES) {
        yield { places: rows.slice(first, first + LANES), spans };
      }
    }
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

  #blendMedians(
    columns: number,
    samples: number,
    medians: readonly number[],
    errors: Errors,
    corners: Quad | undefined,
  ): Picture {
    const [kernel, heap, width, height, line] = [
      this.#kernel,
      this.#heap,
      this.#width,
      this.#height,
      this.#line,
    ];
    const { mask } = this.#plan;
    const repeated = heap.put(Float32Array.from({ length: 12 }, (_, at) => medians[at % 3] as number));
    const output = heap.take(3 * width * height);
    const doubtful = heap.take(4 * line);
    const doubt = 0.5 - errors.ofResult;
    const whole: Columns = { from: 0, to: width };
    const rows = corners ? quadRows(corners, width, height) : undefined;
    for (let y = 0; y < height; y++) {
      const { from: left, to: right } = rows?.[y] ?? whole;
      if (left >= right) continue;
      // Samples are worked on by twelve, the first of which is the first of a vector.
      const first = 3 * (left - (left % 4));
      const [from, to] = [samples + 4 * (line * y + first), output + 3 * width * y + first];
      const share = mask.rows[y] as number;
      const length = 3 * right - first;
      const count = kernel.blendMedian(
        from,
        columns + 4 * first,
        share,
        repeated,
        length,
        to,
        doubt,
        doubtful,
      );
      if (count === 0) continue;
      const bytes = heap.bytes();
      const values = heap.floats(from, line);
      for (const nth of heap.words(doubtful, count)) {
        const place = first + nth;
        if (place >= 3 * width) continue;
        const mask = this.#maskAt(Math.floor(place / 3), y);
        const sample = {
          pixel: this.#pixelAt(place, y),
          value: values[nth] as number,
          blurShare: blurShare(mask),
          median: medians[place % 3] as number,
          medianShare: medianShare(mask),
        };
        if (!isByteInDoubt(sample, errors.ofBlur)) continue;
        const value = this.#exactBlend(place, y);
        bytes[to + nth] = toByte(blended(value, sample.median, sample.medianShare));
      }
    }
    return { width, height, data: heap.bytes().subarray(output, output + 3 * width * height) };
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
    return this.#crop.data[3 * ((down.index[y] as number) * this.#crop.width + x) + (place % 3)] as number;
  }

  #maskAt(x: number, y: number): number {
    const { columns, rows } = this.#plan.mask;
    return Math.max(columns[x] as number, rows[y] as number);
  }

  /** The index of an axis with what a strip holds at both ends. */
  #extended(index: Int32Array): Int32Array {
    const reach = this.#radius + BEYOND;
    return Int32Array.from(
      { length: this.#stripLength(index.length) },
      (_, at) => index[mirrorIndex(at - reach, index.length)] as number,
    );
  }

  #stripLength(places: number): number {
    return places + 2 * (this.#radius + BEYOND);
  }
}

import { gaussianWeights } from './gaussian.ts';
import type { Kernels } from './kernels.ts';
import { type MirrorPlan, mirrorPlan, type Span } from './mirror-plan.ts';
import { padMask } from './pad-mask.ts';
import type { Picture } from './picture.ts';
import { checkPad } from './plain-pad-and-blend.ts';
import { mirrorIndex } from './reflect-index.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  fillStrip(from: number, stride: number, index: number, rows: number, to: number): void;
  filterDown(
    strip: number,
    list: number,
    rows: number,
    weights: number,
    radius: number,
    to: number,
    stride: number,
  ): void;
  spread(from: number, index: number, length: number, to: number): void;
  filterAlong(line: number, from: number, to: number, weights: number, radius: number, output: number): void;
  mirror(row: number, index: number, width: number): void;
  spreadBytes(from: number, index: number, width: number, to: number): void;
  blendBlur(
    pixels: number,
    blurred: number,
    columns: number,
    row: number,
    length: number,
    to: number,
    bins: number,
  ): void;
  collect(from: number, length: number, bin: number, to: number): number;
  blendMedian(
    pixels: number,
    columns: number,
    row: number,
    medians: number,
    length: number,
    to: number,
  ): void;
}

const PAGE = 64 * 1024;
const ROOM = 128;
const BINS = 8_192;
/** A memory this large is given back after use: WebAssembly's memories only grow. */
const KEPT_BYTES = 256 * 1024 ** 2;

/**
 * {@link Kernels.padAndBlend} by `assembly/pad-and-blend.ts`. Memory: 15 bytes a padded pixel, 15 a pixel of the crop, and
 * as many as one channel has samples within 1/32 grey level of its median, 4 bytes each.
 */
export class SimdPadAndBlend {
  readonly #module: WebAssembly.Module;
  #exports: Exports;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#exports = instantiate(module);
  }

  readonly padAndBlend: Kernels['padAndBlend'] = (crop, pad, sigma) => {
    checkPad(crop, pad, sigma);
    const weights = gaussianWeights(sigma);
    const radius = weights.length - 1;
    const width = pad.left + crop.width + pad.right;
    const height = pad.top + crop.height + pad.bottom;
    const mask = padMask(width, height, pad);
    const across = mirrorPlan(crop.width, pad.left, pad.right, radius, mask.columns);
    const down = mirrorPlan(crop.height, pad.top, pad.bottom, radius, mask.rows);
    const padding = new Padding(this.#exports, crop, { weights, mask, across, down });
    const result = padding.run();
    if (this.#exports.memory.buffer.byteLength <= KEPT_BYTES) return result;
    this.#exports = instantiate(this.#module);
    return { ...result, data: result.data.slice() };
  };
}

interface PaddingPlan {
  readonly weights: Float64Array;
  readonly mask: { readonly columns: Float32Array; readonly rows: Float32Array };
  readonly across: MirrorPlan;
  readonly down: MirrorPlan;
}

/** One picture on its way through the kernels. */
class Padding {
  readonly #kernel: Exports;
  readonly #crop: Picture;
  readonly #plan: PaddingPlan;
  readonly #radius: number;
  readonly #width: number;
  readonly #height: number;
  #top: number;

  constructor(kernel: Exports, crop: Picture, plan: PaddingPlan) {
    this.#kernel = kernel;
    this.#crop = crop;
    this.#plan = plan;
    this.#radius = plan.weights.length - 1;
    this.#width = plan.across.index.length;
    this.#height = plan.down.index.length;
    this.#top = kernel.heapBase();
  }

  run(): Picture {
    const kernel = this.#kernel;
    const [width, height] = [this.#width, this.#height];
    const { across, down, mask } = this.#plan;
    const line = Math.ceil(width / 4) * 12;
    const bytes = this.#put(this.#crop.data);
    const weights = this.#put(this.#plan.weights);
    const vertical = this.#filterDown(bytes, weights);

    const columns = this.#put(expandColumns(mask.columns, line));
    const columnIndex = this.#put(across.index);
    const columnTwin = this.#put(across.twin);
    const reach = this.#put(this.#extended(across.index));
    const spread = this.#take(8 * (3 * (width + 2 * this.#radius) + 8));
    const blurred = this.#take(4 * (line + 8));
    const pixels = this.#take(4 * (line + 8));
    const bins = this.#put(new Uint32Array(3 * BINS));
    const blended = this.#take(4 * line * height);
    const twins = twinsOf(down.twin);
    for (let y = 0; y < height; y++) {
      if (down.twin[y] !== y) continue;
      const spans = spansOfRow(y, across, down);
      if (spans.length > 0) {
        kernel.spread(vertical.rowAt(y), reach, width + 2 * this.#radius, spread);
        for (const { from, to } of spans) {
          kernel.filterAlong(spread, 3 * from, 3 * to, weights, this.#radius, blurred);
        }
        kernel.mirror(blurred, columnTwin, width);
      }
      kernel.spreadBytes(
        bytes + (down.index[y] as number) * 3 * this.#crop.width,
        columnIndex,
        width,
        pixels,
      );
      for (const twin of [y, ...(twins.get(y) ?? [])]) {
        const row = mask.rows[twin] as number;
        kernel.blendBlur(pixels, blurred, columns, row, 3 * width, blended + 4 * line * twin, bins);
      }
    }
    const medians = this.#medians(blended, line, bins);
    const repeated = this.#put(Float32Array.from({ length: 12 }, (_, at) => medians[at % 3] as number));
    const output = this.#take(3 * width * height + ROOM);
    for (let y = 0; y < height; y++) {
      const row = mask.rows[y] as number;
      kernel.blendMedian(blended + 4 * line * y, columns, row, repeated, 3 * width, output + 3 * width * y);
    }
    return { width, height, data: this.#bytes().subarray(output, output + 3 * width * height) };
  }

  /** The first pass, over the crop's own columns: padding only repeats them. Answers where each row lies. */
  #filterDown(bytes: number, weights: number): { readonly rowAt: (y: number) => number } {
    const kernel = this.#kernel;
    const { width, height } = this.#crop;
    const { across, down } = this.#plan;
    const stride = Math.ceil((3 * width) / 8) * 8;
    const slots = new Map<number, number>();
    for (const y of placesOf(down.own)) slots.set(y, slots.size);
    const buffer = this.#take(4 * stride * slots.size);
    const extended = this.#extended(down.index);
    const index = this.#put(extended);
    const strip = this.#take(64 * extended.length);
    const edge = placesOf(down.edge);
    const sides = columnsNear(across, width, this.#radius);
    const lists = {
      all: runsOf([...slots.keys()], slots).map((run) => ({
        ...run,
        at: this.#put(Int32Array.from(run.places)),
      })),
      edge: runsOf(edge, slots).map((run) => ({ ...run, at: this.#put(Int32Array.from(run.places)) })),
    };
    for (let sample = 0; sample < 3 * width; sample += 8) {
      const first = Math.floor(sample / 3);
      const last = Math.min(width - 1, Math.floor((sample + 7) / 3));
      const isSide = sides.subarray(first, last + 1).includes(1);
      const runs = isSide ? lists.all : lists.edge;
      if (runs.length === 0) continue;
      kernel.fillStrip(bytes + sample, 3 * width, index, extended.length, strip);
      for (const { at, slot, places } of runs) {
        const to = buffer + 4 * (stride * slot + sample);
        kernel.filterDown(strip, at, places.length, weights, this.#radius, to, 4 * stride);
      }
    }
    if (height === 0) throw new Error('unreachable: the crop was checked');
    return { rowAt: (y) => buffer + 4 * stride * (slots.get(y) ?? 0) };
  }

  /** The index of an axis with the filter's reach at both ends. */
  #extended(index: Int32Array): Int32Array {
    return Int32Array.from(
      { length: index.length + 2 * this.#radius },
      (_, at) => index[mirrorIndex(at - this.#radius, index.length)] as number,
    );
  }

  #medians(blended: number, line: number, binsAt: number): number[] {
    const count = this.#width * this.#height;
    const bins = new Uint32Array(this.#kernel.memory.buffer, binsAt, 3 * BINS).slice();
    const lower = (count - 1) >> 1;
    const upper = count >> 1;
    return [0, 1, 2].map((channel) => {
      const own = bins.subarray(channel * BINS, (channel + 1) * BINS);
      const low = this.#ranked(blended + 4 * channel, line, own, lower);
      const high = lower === upper ? low : this.#ranked(blended + 4 * channel, line, own, upper);
      return lower === upper ? low : Math.fround(Math.fround(low + high) / 2);
    });
  }

  /** The sample of one channel with so many below it. */
  #ranked(from: number, line: number, bins: Uint32Array, rank: number): number {
    let bin = 0;
    let below = 0;
    while (below + (bins[bin] as number) <= rank) below += bins[bin++] as number;
    const size = bins[bin] as number;
    const kept = this.#top;
    const at = this.#take(4 * size + ROOM);
    let found = 0;
    for (let y = 0; y < this.#height; y++) {
      found += this.#kernel.collect(from + 4 * line * y, this.#width, bin, at + 4 * found);
    }
    const values = new Float32Array(this.#kernel.memory.buffer, at, size).slice().sort();
    this.#top = kept;
    return values[rank - below] as number;
  }

  #take(bytes: number): number {
    const at = Math.ceil(this.#top / 16) * 16;
    this.#top = at + bytes + ROOM;
    const { memory } = this.#kernel;
    const missing = this.#top - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  #put(data: Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array): number {
    const at = this.#take(data.byteLength);
    this.#bytes().set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at;
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.#kernel.memory.buffer);
  }
}

/** Rows near the picture's upper and lower edge are filtered along their whole length, others only near their ends. */
function spansOfRow(y: number, across: MirrorPlan, down: MirrorPlan): readonly Span[] {
  return down.edge.some(({ from, to }) => y >= from && y < to) ? across.own : across.edge;
}

/** Crop columns that the spans at the sides are filtered from. */
function columnsNear({ edge, index }: MirrorPlan, width: number, radius: number): Uint8Array {
  const near = new Uint8Array(width);
  for (const { from, to } of edge) {
    for (let at = from - radius; at < to + radius; at++)
      near[index[mirrorIndex(at, index.length)] as number] = 1;
  }
  return near;
}

/** Places whose slots follow each other. */
function runsOf(places: readonly number[], slots: ReadonlyMap<number, number>) {
  const runs: { slot: number; places: number[] }[] = [];
  for (const place of places) {
    const slot = slots.get(place) ?? 0;
    const last = runs.at(-1);
    if (last && last.slot + last.places.length === slot) last.places.push(place);
    else runs.push({ slot, places: [place] });
  }
  return runs;
}

function placesOf(spans: readonly Span[]): number[] {
  return spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, nth) => from + nth));
}

/** For each place that others are twins of, which. */
function twinsOf(twin: Int32Array): ReadonlyMap<number, readonly number[]> {
  const twins = new Map<number, number[]>();
  for (const [at, own] of twin.entries()) {
    if (own === at) continue;
    const known = twins.get(own);
    if (known) known.push(at);
    else twins.set(own, [at]);
  }
  return twins;
}

/** Of each sample of a row. */
function expandColumns(columns: Float32Array, line: number): Float32Array {
  return Float32Array.from({ length: line }, (_, at) => columns[Math.floor(at / 3)] ?? 0);
}

function instantiate(module: WebAssembly.Module): Exports {
  const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
  return instance.exports as unknown as Exports;
}

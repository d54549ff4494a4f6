import type { Size } from '../../../raster/picture.ts';
import type { WasmHeap } from '../../../wasm/wasm-heap.ts';
import type { Blur } from './blur.ts';
import { HALF_ULP } from './cosine-fit.ts';
import { type MirrorPlan, type Span, spansOf } from './mirror-plan.ts';
import type { PadKernel } from './pad-kernel.ts';
import { extended } from './reflect-index.ts';
import type { SplineGrid } from './spline-grid.ts';
import { type BlurPlan, LANES, StripFilter } from './strip-filter.ts';

/** Middle of the range of bytes, from which sums are counted. */
const MIDDLE = 127.5;

/** One axis of the grid: its nodes lie from one step before the padded picture to two steps behind its last. */
interface Axis {
  readonly nodes: number;
  /** Runs of `step` places whose samples are summed up, and what stands at each of these places. */
  readonly cells: number;
  readonly index: number;
}

/**
 * By a grid: with K the blur along one axis, and S nearly the same by way of the grid, it is S down the columns of K
 * along the rows, and what S misses down the columns, K - S, of S along the rows. So only as many rows, and only as
 * many columns, as the grid has are filtered by K.
 *
 * How far a sample may be from the reference's: by what S misses both ways; by the cosines' fit along each axis; and by
 * rounding to float32. Here that is, below 128, of S of the columns, of K along them, of the four products of a place
 * by two, of their three sums, of K down the columns, and of what S missed added; below 256, of the middle added; there
 * of two passes below 256.
 */
export class GridBlur implements Blur {
  readonly error: number;
  readonly #kernel: PadKernel;
  readonly #heap: WasmHeap;
  readonly #grid: SplineGrid;
  readonly #strips: StripFilter;
  readonly #across: Axis;
  readonly #down: Axis;
  readonly #twins: Int32Array;
  readonly #groups = new Map<readonly Span[], readonly Span[]>();
  /** Rows of the grid, filtered along. */
  readonly #rows: number;
  readonly #line: number;
  /** Of each row of the padded picture, its nodes filtered down the columns; and rows of the grid, by S alone. */
  readonly #filtered: number;
  readonly #rest: number;
  readonly #nodeFloats: number;
  readonly #missed: number;
  readonly #downShares: number;
  readonly #acrossShares: number;

  constructor(
    kernel: PadKernel,
    heap: WasmHeap,
    bytes: number,
    crop: Size,
    plan: BlurPlan,
    grid: SplineGrid,
  ) {
    this.error = MIDDLE * grid.apart ** 2 + 2 * plan.fit.error * (1 + 2 * grid.apart) + 7.5 * HALF_ULP + 1e-6;
    this.#kernel = kernel;
    this.#heap = heap;
    this.#grid = grid;
    this.#strips = new StripFilter(kernel, heap, plan);
    this.#twins = plan.across.twin;
    this.#across = this.#axis(plan.across.index);
    this.#down = this.#axis(plan.down.index);
    this.#line = 4 * 12 * Math.ceil(this.#twins.length / 4);
    this.#nodeFloats = 4 * (this.#across.nodes + (this.#across.nodes % 2));
    this.#missed = heap.take(48 * this.#across.nodes);
    this.#downShares = heap.put(Float32Array.from(grid.shares.flatMap((some) => [...some])));
    this.#acrossShares = heap.put(sharesOfGroups(grid));
    this.#rows = heap.take(this.#line * this.#down.nodes);
    this.#filtered = heap.take(4 * this.#nodeFloats * plan.down.index.length);
    this.#rest = heap.take(8 * this.#nodeFloats * this.#down.nodes);
    const weights = heap.put(grid.weights);
    heap.during(() => this.#filterRows(bytes, crop, plan, weights));
    heap.during(() => this.#filterColumns(bytes, crop, plan, weights));
  }

  rows(places: readonly number[], spans: readonly Span[], to: readonly number[]): void {
    const { step } = this.#grid;
    const groups = this.#groupsOf(spans);
    const nodeBytes = 8 * this.#nodeFloats;
    for (const [nth, y] of places.entries()) {
      const [cell, shares] = [Math.floor(y / step), this.#downShares + 16 * (y % step)];
      const own = this.#filtered + 4 * this.#nodeFloats * y;
      const rest = this.#rest + nodeBytes * cell;
      this.#kernel.missing(own, rest, nodeBytes, shares, this.#across.nodes, this.#missed);
      const rows = this.#rows + this.#line * cell;
      const output = to[nth] as number;
      for (const { from, to: end } of groups) {
        this.#kernel.blurredRow(
          ...[rows, this.#line, shares, this.#missed, this.#acrossShares, step / 4, from, end, output],
        );
      }
    }
  }

  /** Groups of four pixels that hold the places in the spans, and their twins. */
  #groupsOf(spans: readonly Span[]): readonly Span[] {
    const known = this.#groups.get(spans);
    if (known) return known;
    const isIn = new Uint8Array(this.#twins.length);
    for (const { from, to } of spans) isIn.fill(1, from, to);
    const groups = spansOf(Math.ceil(this.#twins.length / 4), (group) =>
      this.#twins.subarray(4 * group, 4 * group + 4).some((own) => isIn[own] === 1),
    );
    this.#groups.set(spans, groups);
    return groups;
  }

  #axis(index: Int32Array): Axis {
    const { step, reach } = this.#grid;
    const nodes = Math.floor((index.length - 1) / step) + 4;
    const cells = nodes + 2 * reach + 3;
    const before = (reach + 3) * step;
    const all = extended(index, Math.max(before, cells * step - before - index.length));
    const first = (all.length - index.length) / 2 - before;
    return { nodes, cells, index: this.#heap.put(all.subarray(first, first + cells * step)) };
  }

  /** S down the columns to the grid's rows, and K along these. */
  #filterRows(bytes: number, { width }: Size, plan: BlurPlan, weights: number): void {
    const [kernel, heap] = [this.#kernel, this.#heap];
    const { step, reach, splines } = this.#grid;
    const { nodes, cells, index } = this.#down;
    const samples = 8 * Math.ceil((3 * width) / 8);
    const next = 4 * samples;
    const sums = heap.take(next * (cells + 3));
    heap.bytes().fill(0, sums, sums + next * (cells + 3));
    const pairs = heap.put(splinesOfPairs(splines));
    for (let cell = 0; cell < cells; cell++) {
      const from = index + 4 * step * cell;
      kernel.sumBytes(bytes, 3 * width, from, step, pairs, samples, sums + next * cell, next);
    }
    const rows = heap.take(next * nodes);
    kernel.filterNodes(sums + 3 * next, next, nodes, samples, weights, reach, MIDDLE, rows, next);
    for (let first = 0; first < nodes; first += LANES) {
      const some = Array.from({ length: Math.min(LANES, nodes - first) }, (_, nth) => first + nth);
      const sources = some.map((nth) => rows + next * nth);
      const spans = this.#isEdgeNear(plan.down, first, LANES) ? plan.across.own : plan.across.edge;
      const to = some.map((nth) => this.#rows + this.#line * nth);
      this.#strips.along(sources, spans, to);
    }
  }

  /** Do some nodes of an axis give anything to places that are blurred because of where they lie on it? */
  #isEdgeNear({ edge, twin }: MirrorPlan, first: number, count: number): boolean {
    const { step } = this.#grid;
    const places = twin.subarray(Math.max(0, (first - 3) * step), (first + count) * step);
    return places.some((own) => edge.some(({ from, to }) => own >= from && own < to));
  }

  /** S along the rows to the grid's columns, K down these, and S down them. */
  #filterColumns(bytes: number, crop: Size, plan: BlurPlan, weights: number): void {
    const [kernel, heap] = [this.#kernel, this.#heap];
    const { step, reach, splines } = this.#grid;
    const { nodes, cells, index } = this.#across;
    const stride = 4 * this.#nodeFloats;
    const columns = heap.take(stride * crop.height);
    heap.during(() => {
      const line = heap.take(3 * cells * step);
      const sums = heap.take(16 * (cells + 3));
      const pairs = heap.put(splinesOfPairs(splines));
      for (let y = 0; y < crop.height; y++) {
        kernel.sumAcross(bytes + 3 * crop.width * y, index, cells, step / 4, pairs, line, sums);
        kernel.filterNodes(
          ...[sums + 3 * 16, 16, nodes, 4, weights, reach, MIDDLE, columns + stride * y, 16],
        );
      }
    });
    const { strip, rowIndex, rowsInStrip } = this.#strips;
    const output = heap.take(4 * LANES * plan.down.index.length);
    for (let at = 0; at < 4 * this.#nodeFloats; at += 4 * LANES) {
      const spans = this.#isEdgeNear(plan.across, at / 16, 2) ? plan.down.own : plan.down.edge;
      if (spans.length === 0) continue;
      kernel.fillFloats(columns + at, stride, rowIndex, rowsInStrip, strip);
      for (const span of spans) {
        this.#strips.filter(span, output);
        kernel.scatterDown(output, 1, span.to - span.from, this.#filtered + stride * span.from + at, stride);
      }
    }
    const next = 2 * stride;
    const sums = heap.take(next * (this.#down.cells + 3));
    heap.bytes().fill(0, sums, sums + next * (this.#down.cells + 3));
    const ofRows = heap.put(
      Float64Array.from([0, 1, 2, 3].flatMap((node) => splines.map((some) => some[node] as number))),
    );
    for (let cell = 0; cell < this.#down.cells; cell++) {
      const from = this.#down.index + 4 * step * cell;
      kernel.sumFloats(columns, stride, from, step, ofRows, this.#nodeFloats, sums + next * cell, next);
    }
    kernel.filterDoubles(
      ...[sums + 3 * next, next, this.#down.nodes, this.#nodeFloats, weights, reach, this.#rest],
    );
  }
}

/** For each pair of places, of the four nodes what the two are weighed by. */
function splinesOfPairs(splines: readonly Int16Array[]): Int32Array {
  const all = splines.flatMap((some, place) =>
    place % 2 === 1 ? [] : [...some].flatMap((spline, node) => [spline, splines[place + 1]?.[node] ?? 0]),
  );
  return new Int32Array(Int16Array.from(all).buffer);
}

/** For each four places, of the four nodes, their shares of the twelve samples. */
function sharesOfGroups({ step, shares }: SplineGrid): Float32Array {
  const groups = Array.from({ length: step / 4 }, (_, group) => 4 * group);
  return Float32Array.from(
    groups.flatMap((first) =>
      [0, 1, 2, 3].flatMap((node) =>
        Array.from({ length: 12 }, (_, at) => shares[first + Math.floor(at / 3)]?.[node] as number),
      ),
    ),
  );
}

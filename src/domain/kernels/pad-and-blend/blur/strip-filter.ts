import type { WasmHeap } from '../../../wasm/wasm-heap.ts';
import type { CosineFit } from './cosine-fit.ts';
import type { MirrorPlan, Span } from './mirror-plan.ts';
import type { PadKernel } from './pad-kernel.ts';
import { extended } from './reflect-index.ts';

/** Sequences that are filtered together. */
export const LANES = 8;
const STRIP_ROW = 64;
/** Places of an axis that a strip holds beyond the window's reach. */
export const BEYOND = 2;

/** What a blur is made of. */
export interface BlurPlan {
  readonly weights: Float64Array;
  readonly fit: CosineFit;
  readonly across: MirrorPlan;
  readonly down: MirrorPlan;
}

/** The sliding cosines of `assembly/pad-and-blend/cosine-filter.ts`, and what they work on. */
export class StripFilter {
  /** What stands at each place, from `radius + BEYOND` before the first on. */
  readonly rowIndex: number;
  readonly columnIndex: number;
  readonly strip: number;
  readonly rowsInStrip: number;
  readonly #columnsInStrip: number;
  readonly #kernel: PadKernel;
  readonly #heap: WasmHeap;
  readonly #plan: BlurPlan;
  readonly #radius: number;
  readonly #terms: number;
  readonly #work: number;
  readonly #twins: number;
  readonly #output: number;

  constructor(kernel: PadKernel, heap: WasmHeap, plan: BlurPlan) {
    this.#kernel = kernel;
    this.#heap = heap;
    this.#plan = plan;
    this.#radius = plan.weights.length - 1;
    const reach = this.#radius + BEYOND;
    const [height, width] = [plan.down.index.length, plan.across.index.length];
    this.rowIndex = heap.put(extended(plan.down.index, reach));
    this.columnIndex = heap.put(extended(plan.across.index, reach));
    this.rowsInStrip = height + 2 * reach;
    this.#columnsInStrip = width + 2 * reach;
    this.strip = heap.take(STRIP_ROW * Math.max(this.rowsInStrip, this.#columnsInStrip));
    this.#terms = heap.put(plan.fit.terms);
    this.#work = heap.take(STRIP_ROW * (3 * 32 + 2 * plan.fit.cosines + this.#radius + 2));
    this.#twins = heap.put(plan.across.twin);
    this.#output = heap.take(4 * LANES * width);
  }

  /** Places of the strip, to eight floats each. */
  filter({ from, to }: Span, output: number): void {
    const { cosines } = this.#plan.fit;
    this.#kernel.filterStrip(this.strip, from, to, this.#radius, this.#terms, cosines, this.#work, output);
  }

  /**
   * At most eight rows of RGB floats as wide as the crop, along their length: to rows of the padded width, of which the
   * spans and their twins are written.
   */
  along(sources: readonly number[], spans: readonly Span[], to: readonly number[]): void {
    if (spans.length === 0) return;
    const [kernel, heap] = [this.#kernel, this.#heap];
    heap.during(() => {
      // Lanes that nothing is asked of repeat the first.
      const ofLane = (all: readonly number[], lane: number) => all[lane] ?? (all[0] as number);
      const lanes = (all: readonly number[]) =>
        heap.put(Int32Array.from({ length: LANES }, (_, lane) => ofLane(all, lane)));
      const [from, rows] = [lanes(sources), lanes(to)];
      for (let channel = 0; channel < 3; channel++) {
        kernel.fillAcross(from, channel, this.columnIndex, this.#columnsInStrip, this.strip);
        for (const span of spans) {
          this.filter(span, this.#output);
          kernel.scatterAcross(this.#output, span.to - span.from, rows, channel, span.from);
        }
      }
    });
    for (const row of to.slice(0, sources.length)) {
      kernel.mirror(row, this.#twins, this.#plan.across.index.length);
    }
  }
}

import type { Size } from '../../../raster/picture.ts';
import type { WasmHeap } from '../../../wasm/wasm-heap.ts';
import type { Blur } from './blur.ts';
import { HALF_ULP } from './cosine-fit.ts';
import { columnsNear, placesOf, type Span } from './mirror-plan.ts';
import type { PadKernel } from './pad-kernel.ts';
import { BEYOND, type BlurPlan, LANES, StripFilter } from './strip-filter.ts';

/** Samples of a row that the filter down the columns takes together: some strips. */
const TILE = 64;

/**
 * Each column of the crop and then each row of what comes of it; padding only repeats them. How far a sample may be
 * from the reference's: each pass by the fit's error and one rounding to float32 here and one there.
 */
export class FullBlur implements Blur {
  readonly error: number;
  readonly #strips: StripFilter;
  readonly #rowAt: (y: number) => number;

  constructor(kernel: PadKernel, heap: WasmHeap, bytes: number, crop: Size, plan: BlurPlan) {
    this.error = 2 * plan.fit.error + 4 * HALF_ULP;
    this.#strips = new StripFilter(kernel, heap, plan);
    const { strip, rowIndex, rowsInStrip } = this.#strips;
    const { width } = crop;
    const { across, down } = plan;
    const stride = 4 * Math.ceil((3 * width) / TILE) * TILE;
    const slots = new Map<number, number>();
    for (const y of placesOf(down.own)) slots.set(y, slots.size);
    const buffer = heap.take(stride * slots.size);
    this.#rowAt = (y) => buffer + stride * (slots.get(y) ?? 0);
    const isSide = columnsNear(across, width, plan.weights.length - 1 + BEYOND);
    heap.during(() => {
      const tile = heap.take(TILE * rowsInStrip);
      const output = heap.take(4 * TILE * down.index.length);
      for (let sample = 0; sample < 3 * width; sample += TILE) {
        const [first, last] = [Math.floor(sample / 3), Math.floor((sample + TILE - 1) / 3)];
        const spans = isSide.subarray(first, last + 1).includes(1) ? down.own : down.edge;
        const strips = Math.min(TILE / LANES, Math.ceil((3 * width - sample) / LANES));
        if (spans.length === 0) continue;
        kernel.cutTile(bytes + sample, 3 * width, rowIndex, rowsInStrip, tile);
        for (let nth = 0; nth < strips; nth++) {
          kernel.fillDown(tile + LANES * nth, rowsInStrip, strip);
          for (const { from, to } of spans) {
            // The spans' results lie in `output` as far apart as the spans do.
            this.#strips.filter({ from, to }, output + 4 * (TILE * from + LANES * (to - from) * nth));
          }
        }
        for (const { from, to } of spans) {
          const at = this.#rowAt(from) + 4 * sample;
          kernel.scatterDown(output + 4 * TILE * from, strips, to - from, at, stride);
        }
      }
    });
  }

  rows(places: readonly number[], spans: readonly Span[], to: readonly number[]): void {
    this.#strips.along(places.map(this.#rowAt), spans, to);
  }
}

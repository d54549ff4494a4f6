import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeKernel } from '../../../../src/activities/kernels/make-kernel.ts';
import { blurShare } from '../../../../src/domain/kernels/pad-and-blend/blend.ts';
import { cosineFit } from '../../../../src/domain/kernels/pad-and-blend/blur/cosine-fit.ts';
import { FullBlur } from '../../../../src/domain/kernels/pad-and-blend/blur/full-blur.ts';
import { GridBlur } from '../../../../src/domain/kernels/pad-and-blend/blur/grid-blur.ts';
import { mirrorPlan, placesOf } from '../../../../src/domain/kernels/pad-and-blend/blur/mirror-plan.ts';
import type { PadKernel } from '../../../../src/domain/kernels/pad-and-blend/blur/pad-kernel.ts';
import { splineGrid } from '../../../../src/domain/kernels/pad-and-blend/blur/spline-grid.ts';
import { gaussianWeights } from '../../../../src/domain/kernels/pad-and-blend/gaussian.ts';
import { padMask } from '../../../../src/domain/kernels/pad-and-blend/pad-mask.ts';
import { blur } from '../../../../src/domain/kernels/pad-and-blend/plain.ts';
import type { Pad, Picture } from '../../../../src/domain/raster/picture.ts';
import { WasmHeap } from '../../../../src/domain/wasm/wasm-heap.ts';
import { instantiate } from '../../../../src/domain/wasm/wasm-kernel.ts';

const kernel = makeKernel<PadKernel | undefined>('pad-and-blend', undefined, instantiate<PadKernel>, true);

const side = fc.integer({ min: 1, max: 70 });
const pads = fc.record({ left: side, top: side, right: side, bottom: side });

/** Edges of black and white at their worst: noise, stripes of some width, one pixel. */
const pictures = fc
  .record({
    width: side,
    height: side,
    kind: fc.constantFrom('noise', 'stripes', 'checks', 'one'),
    period: fc.integer({ min: 1, max: 60 }),
    seed: fc.nat(),
  })
  .map(({ width, height, kind, period, seed }): Picture => {
    let state = seed;
    const at = (x: number, y: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      if (kind === 'noise') return state >>> 31;
      if (kind === 'one') return x === width >> 1 && y === height >> 1 ? 1 : 0;
      const column = Math.floor(x / period) % 2;
      return kind === 'stripes' ? column : column ^ (Math.floor(y / period) % 2);
    };
    const data = Uint8Array.from({ length: 3 * width * height }, (_, nth) => {
      const pixel = Math.floor(nth / 3);
      return 255 * at(pixel % width, Math.floor(pixel / width));
    });
    return { width, height, data };
  });

test.each(['full', 'grid'] as const)('the %s blur stays within its stated error of SciPy’s', (kind) => {
  const sigmas = fc.double({ noNaN: true, min: kind === 'grid' ? 16 : 0.3, max: 66 });
  fc.assert(
    fc.property(pictures, pads, sigmas, (crop, pad, sigma) => {
      const { rows, error } = blurredBy(kind, crop, pad, sigma);
      expect(error).toBeLessThan(1e-4);
      for (const [nth, [own, exact]] of rows.entries()) {
        const most = own.reduce(
          (all, value, at) => Math.max(all, Math.abs(value - (exact[at] as number))),
          0,
        );
        expect(most, `row ${nth}`).toBeLessThanOrEqual(error);
      }
    }),
    { numRuns: 40 },
  );
});

/** Each row that is its own twin, where it is blurred, and SciPy's. */
function blurredBy(kind: 'full' | 'grid', crop: Picture, pad: Pad, sigma: number) {
  if (kernel === undefined) throw new Error('expected WebAssembly with SIMD');
  const weights = gaussianWeights(sigma);
  const [width, height] = [pad.left + crop.width + pad.right, pad.top + crop.height + pad.bottom];
  const mask = padMask(width, height, pad);
  const across = mirrorPlan(crop.width, pad.left, pad.right, weights.length - 1, mask.columns.map(blurShare));
  const down = mirrorPlan(crop.height, pad.top, pad.bottom, weights.length - 1, mask.rows.map(blurShare));
  const fit = cosineFit(weights, Math.max(width, height));
  const plan = { weights, fit, mask, across, down };
  const heap = new WasmHeap(kernel);
  const bytes = heap.put(crop.data);
  const grid = splineGrid(sigma, weights);
  if (kind === 'grid' && grid === undefined) throw new Error(`sigma ${sigma}: expected a grid`);
  const made =
    kind === 'grid' && grid
      ? new GridBlur(kernel, heap, bytes, crop, plan, grid)
      : new FullBlur(kernel, heap, bytes, crop, plan);
  const pixels = Float32Array.from({ length: 3 * width * height }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    const from = (down.index[y] as number) * crop.width + (across.index[x] as number);
    return crop.data[3 * from + (at % 3)] as number;
  });
  const exact = blur(pixels, width, height, sigma);
  const to = heap.take(4 * 12 * Math.ceil(width / 4));
  const isEdge = (y: number) => down.edge.some(({ from, to: end }) => y >= from && y < end);
  const rows = placesOf(down.own)
    .filter(isEdge)
    .map((y) => {
      made.rows([y], across.own, [to]);
      return [
        heap.floats(to, 3 * width).slice(),
        exact.subarray(3 * width * y, 3 * width * (y + 1)),
      ] as const;
    });
  return { rows, error: made.error };
}

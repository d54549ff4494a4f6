import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cosineFit } from '../../../../src/domain/kernels/pad-and-blend/blur/cosine-fit.ts';
import { gaussianWeights } from '../../../../src/domain/kernels/pad-and-blend/gaussian.ts';

const sigmas = fc.oneof(
  fc.double({ noNaN: true, min: 0.05, max: 4 }),
  fc.double({ noNaN: true, min: 4, max: 120 }),
);

test('sliding cosines stay within the stated error of the filter, for the worst of bytes', () => {
  fc.assert(
    fc.property(sigmas, fc.integer({ min: 1, max: 2 ** 31 }), (sigma, seed) => {
      const weights = gaussianWeights(sigma);
      const radius = weights.length - 1;
      const places = 200;
      const fit = cosineFit(weights, places);
      const worst = worstBytes(weights, fit.terms, places, seed);
      const slid = slide(worst, radius, fit.terms, fit.cosines, places);
      for (let x = 0; x < places; x++) {
        let exact = 0;
        for (let t = -radius; t <= radius; t++)
          exact += (worst[x + radius + 2 + t] ?? 0) * (weights[Math.abs(t)] ?? 0);
        expect(Math.abs((slid[x] ?? 0) - exact)).toBeLessThanOrEqual(fit.error);
      }
    }),
    { numRuns: 40 },
  );
});

test('the error is small enough that few bytes are in doubt', () => {
  for (const sigma of [3, 8, 20, 50, 110])
    expect(cosineFit(gaussianWeights(sigma), 5_000).error).toBeLessThan(1e-5);
});

/** Black where the fit is below the filter and white where it is above, about one place; noise elsewhere. */
function worstBytes(weights: Float64Array, terms: Float64Array, places: number, seed: number): Float64Array {
  const radius = weights.length - 1;
  const middle = Math.floor(places / 2) + radius + 2;
  let state = seed;
  return Float64Array.from({ length: places + 2 * radius + 4 }, (_, at) => {
    const t = Math.abs(at - middle);
    if (t <= radius) return fitted(terms, radius, t) > (weights[t] ?? 0) ? 255 : 0;
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}

function fitted(terms: Float64Array, radius: number, t: number): number {
  let sum = terms[0] ?? 0;
  for (let at = 1; at < terms.length; at += radius + 4) sum += terms[at + 3 + t] ?? 0;
  return sum;
}

/** What the kernel does, written down plainly. */
function slide(
  bytes: Float64Array,
  radius: number,
  terms: Float64Array,
  cosines: number,
  places: number,
): Float64Array {
  const f = (x: number) => bytes[x + radius + 2] ?? 0;
  const direct = (x: number, weight: (t: number) => number) => {
    let sum = 0;
    for (let t = -radius; t <= radius; t++) sum += f(x + t) * weight(Math.abs(t));
    return sum;
  };
  const sums = Float64Array.from({ length: places }, (_, x) => (terms[0] ?? 0) * direct(x, () => 1));
  for (let term = 0; term < cosines; term++) {
    const at = 1 + term * (radius + 4);
    const [step = 0, enter = 0, leave = 0] = terms.subarray(at, at + 3);
    const weight = (t: number) => terms[at + 3 + t] ?? 0;
    let [last, sum] = [direct(-2, weight), direct(-1, weight)];
    for (let x = 0; x < places; x++) {
      const change =
        enter * (f(x + radius) + f(x - radius - 2)) + leave * (f(x - 1 + radius) + f(x - 1 - radius));
      [last, sum] = [sum, step * sum - last + change];
      sums[x] = (sums[x] ?? 0) + sum;
    }
  }
  return sums;
}

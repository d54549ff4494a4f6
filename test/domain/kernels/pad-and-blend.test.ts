import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussianWeights } from '../../../src/domain/kernels/pad-and-blend/gaussian.ts';
import { plainPadAndBlend } from '../../../src/domain/kernels/pad-and-blend/plain.ts';
import { simdPadAndBlend } from '../../../src/domain/kernels/pad-and-blend/simd.ts';
import { plainSampleQuad } from '../../../src/domain/kernels/sample-quad/plain.ts';
import { simdSampleQuad } from '../../../src/domain/kernels/sample-quad/simd.ts';
import type { Picture, Quad } from '../../../src/domain/raster/picture.ts';
import { rowsOf } from '../../../src/domain/raster/picture-rows.ts';
import { arbitraryPicture, inPieces } from './arbitrary-pictures.ts';
import { expectSame, kept } from './expect-same.ts';
import { kernelKinds } from './kernel-kinds.ts';
import * as oracle from './oracle.ts';

const kinds = kernelKinds('pad-and-blend', plainPadAndBlend, simdPadAndBlend);
const [plain, simd] = kinds.map(({ kernel }) => kernel) as [typeof plainPadAndBlend, typeof plainPadAndBlend];

describe.each(kinds)('the $kind padding', ({ kernel: padAndBlend }) => {
  const side = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 25 }) },
    fc.integer({ min: 1, max: 90 }),
  );
  const pads = fc.record({ left: side, top: side, right: side, bottom: side });
  const sigmas = fc.oneof(
    { weight: 4, arbitrary: fc.double({ noNaN: true, min: 0.1, max: 6 }) },
    fc.double({ noNaN: true, min: 6, max: 80 }),
  );

  test('is NumPy’s and SciPy’s, also by more than the picture and with a blur wider than it', () => {
    fc.assert(
      fc.property(arbitraryPicture(28), pads, sigmas, (source, pad, sigma) => {
        expectSame(
          padAndBlend(inPieces(source), pad, sigma),
          oracle.padAndBlend(source, pad, gaussianWeights(sigma)),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('leaves nothing of one picture in the next', () => {
    const noise = (seed: number) => fc.sample(arbitraryPicture(40), { seed, numRuns: 1 })[0] as Picture;
    const pad = { left: 9, top: 30, right: 4, bottom: 17 };
    const before = kept(padAndBlend(rowsOf(noise(1)), pad, 2.5));
    for (let seed = 2; seed < 30; seed++) {
      padAndBlend(rowsOf(noise(seed)), { left: seed, top: 2 * seed, right: 60 - seed, bottom: 1 }, seed / 3);
    }
    expectSame(padAndBlend(rowsOf(noise(1)), pad, 2.5), before);
  });

  test('refuses what no picture can come of, naming it', () => {
    const source = { width: 2, height: 2, data: new Uint8Array(12) };
    expect(() => padAndBlend(rowsOf(source), { left: 0, top: 1, right: 1, bottom: 1 }, 1)).toThrow(
      /pads.*above 0/,
    );
    expect(() => padAndBlend(rowsOf(source), { left: 1, top: 1, right: 1, bottom: 1 }, Number.NaN)).toThrow(
      /sigma/,
    );
  });
});

/** Soft hills, a flat half and a step: blurred samples of every brightness, and very many of the same. */
function hills(width: number, height: number): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let at = 0; at < data.length; at++) {
    const [x, y, channel] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3];
    const hill = 120 + 100 * Math.sin(x / (17 + 4 * channel)) * Math.cos(y / 23) + ((x * 7 + y * 13) % 5);
    data[at] = y < height / 2 ? hill : x < (2 * width) / 3 ? 254 - channel : 40;
  }
  return { width, height, data };
}

test.each([
  [{ left: 70, top: 66, right: 90, bottom: 75 }, 5.5],
  [{ left: 30, top: 160, right: 40, bottom: 20 }, 17],
])('both kinds agree on hundreds of thousands of blurred samples [%o, sigma %d]', (pad, sigma) => {
  const source = hills(310, 270);
  expectSame(simd(rowsOf(source), pad, sigma), plain(rowsOf(source), pad, sigma));
});

test('what a quad does not look at makes no difference to what is sampled from it', () => {
  const [, { kernel: sampleQuad }] = kernelKinds('sample-quad', plainSampleQuad, simdSampleQuad);
  const pad = { left: 22, top: 30, right: 41, bottom: 25 };
  const place = fc.tuple(
    fc.double({ noNaN: true, min: -10, max: 160 }),
    fc.double({ noNaN: true, min: -10, max: 150 }),
  );
  fc.assert(
    fc.property(place, fc.tuple(place, place), (centre, [half, other]) => {
      const [x, y] = half.map((part) => part / 4) as [number, number];
      const squares: Quad[] = [
        [about(-x, -y), about(-y, x), about(x, y), about(y, -x)],
        [about(-x, -y), about(other[0] / 9, x), about(x, y), about(y, -other[1] / 9)],
      ];
      function about(dx: number, dy: number) {
        return [centre[0] + dx, centre[1] + dy] as const;
      }
      for (const corners of squares) {
        const whole = simd(rowsOf(hills(90, 80)), pad, 3);
        const wanted = sampleQuad(rowsOf({ ...whole, data: whole.data.slice() }), corners, 64, 16);
        const copy = { ...wanted, data: wanted.data.slice() };
        // Whatever the last picture has left there, it is not this one's.
        simd(rowsOf({ width: 90, height: 80, data: new Uint8Array(3 * 90 * 80) }), pad, 3);
        const part = simd(rowsOf(hills(90, 80)), pad, 3, corners);
        expectSame(sampleQuad(rowsOf({ ...part, data: part.data.slice() }), corners, 64, 16), copy);
      }
    }),
    { numRuns: 60 },
  );
});

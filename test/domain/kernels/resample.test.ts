import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lanczosSupport } from '../../../src/domain/kernels/resample/lanczos.ts';
import { plainResample } from '../../../src/domain/kernels/resample/plain.ts';
import { simdResample } from '../../../src/domain/kernels/resample/simd.ts';
import { cutPicture } from '../../../src/domain/raster/picture.ts';
import { rowsOf } from '../../../src/domain/raster/picture-rows.ts';
import { arbitraryPicture, inPieces } from './arbitrary-pictures.ts';
import { expectSame } from './expect-same.ts';
import { kernelKinds } from './kernel-kinds.ts';
import * as oracle from './oracle.ts';

describe.each(kernelKinds('resample', plainResample, simdResample))(
  'the $kind resample',
  ({ kernel: resample }) => {
    test('resizes a window as Pillow resizes the whole', () => {
      const arbitrary = fc.record({
        source: arbitraryPicture(60),
        width: fc.integer({ min: 1, max: 70 }),
        height: fc.integer({ min: 1, max: 70 }),
        cut: fc.tuple(
          fc.double({ noNaN: true, min: 0, max: 0.9 }),
          fc.double({ noNaN: true, min: 0, max: 0.9 }),
        ),
      });
      fc.assert(
        fc.property(arbitrary, ({ source, width, height, cut }) => {
          const left = Math.floor(width * cut[0]);
          const top = Math.floor(height * cut[1]);
          const window = { left, top, right: Math.ceil((left + 1 + width) / 2), bottom: height };
          const target = { width, height };
          const box = lanczosSupport(source, target, window);
          const got = resample(inPieces(cutPicture(source, box)), box, source, target, window);
          expectSame(got, oracle.crop(oracle.resize(source, target), window));
        }),
        { numRuns: 60 },
      );
    });

    test('refuses a window that cannot be made from what is given, naming it', () => {
      const source = { width: 2, height: 2, data: new Uint8Array(12) };
      const box = { left: 0, top: 0, right: 2, bottom: 2 };
      const size = { width: 2, height: 2 };
      const refused = [
        { ...box, right: 3 },
        { ...box, left: -1 },
        { ...box, bottom: 0 },
      ];
      for (const window of refused)
        expect(() => resample(rowsOf(source), box, size, size, window)).toThrow(/resample.*window inside/);
      expect(() => resample(rowsOf(source), { ...box, right: 3 }, size, size, box)).toThrow(
        /got a picture of 2x2/,
      );
    });
  },
);

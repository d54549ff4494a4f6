import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FilterTypeError } from '../../../src/domain/kernels/png-rows/contract.ts';
import { plainRows } from '../../../src/domain/kernels/png-rows/plain.ts';
import { simdRows } from '../../../src/domain/kernels/png-rows/simd.ts';
import { filtered } from '../../activities/png/png-pieces.ts';
import { kernelKinds } from './kernel-kinds.ts';

/** Paeth more often than others, as in photographs: the kernel undoes several rows of it at once. */
const filter = fc.oneof(
  { weight: 3, arbitrary: fc.constant(4) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }) },
);

/** Rows of pixels, and a filter for each. */
const pictures = fc
  .record({
    width: fc.integer({ min: 1, max: 90 }),
    filters: fc.array(filter, { minLength: 1, maxLength: 60 }),
    smooth: fc.boolean(),
  })
  .map(({ width, filters, smooth }) => {
    const noise = randomBytes(width * filters.length * 3);
    const pixels = smooth ? noise.map((value, at) => (value & 3) + ((at / 7) & 255)) : noise;
    return { width, filters, pixels: Buffer.from(pixels) };
  });

describe.each(kernelKinds('png-rows', plainRows, simdRows))('the $kind rows', ({ kernel: rows }) => {
  test('undo whatever filters there are, in blocks of any number of rows', () => {
    fc.assert(
      fc.property(pictures, fc.integer({ min: 1, max: 60 }), ({ width, filters, pixels }, step) => {
        const line = width * 3;
        const bytes = filtered(pixels, width, filters);
        let above: Uint8Array = new Uint8Array(line);
        for (let row = 0; row < filters.length; row += step) {
          const block = bytes.subarray(row * (1 + line), (row + step) * (1 + line));
          const got = Buffer.from(rows.unfilter(block, line, above));
          expect(got.equals(pixels.subarray(row * line, (row + step) * line))).toBe(true);
          above = got.subarray(-line);
        }
      }),
      { numRuns: 80 },
    );
  });

  test('that were filtered here are unfiltered to what they were', () => {
    fc.assert(
      fc.property(pictures, ({ width, pixels }) => {
        const bytes = Buffer.from(rows.filter(pixels, width * 3));
        expect(bytes.equals(Buffer.from(plainRows.filter(pixels, width * 3)))).toBe(true);
        const back = rows.unfilter(bytes, width * 3, new Uint8Array(width * 3));
        expect(Buffer.from(back).equals(pixels)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  test('get the filter of the least magnitudes, the first of equals', () => {
    const signed = (byte: number) => (byte < 128 ? byte : 256 - byte);
    fc.assert(
      fc.property(pictures, ({ width, pixels }) => {
        const stride = 1 + width * 3;
        const count = pixels.length / (width * 3);
        const got = Buffer.from(rows.filter(pixels, width * 3));
        const tries = [0, 2, 1, 4].map((type) => filtered(pixels, width, new Array(count).fill(type)));
        for (let start = 0; start < got.length; start += stride) {
          const sums = tries.map((bytes) =>
            bytes.subarray(start + 1, start + stride).reduce((sum, byte) => sum + signed(byte), 0),
          );
          const best = tries[sums.indexOf(Math.min(...sums))]?.subarray(start, start + stride);
          expect(got.subarray(start, start + stride).equals(best as Buffer)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of no known filter are refused, naming it', () => {
    const block = Buffer.alloc(5 * 31);
    block[3 * 31] = 5;
    expect(() => rows.unfilter(block, 30, new Uint8Array(30))).toThrow(FilterTypeError);
    expect(() => rows.unfilter(block, 30, new Uint8Array(30))).toThrow(/expected a type 0 to 4, got 5/);
  });
});

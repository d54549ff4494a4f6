import { constants, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainDeflate } from '../../../src/domain/kernels/deflate/plain.ts';
import { simdDeflate } from '../../../src/domain/kernels/deflate/simd.ts';
import { kernelKinds } from './kernel-kinds.ts';

/** Pieces of noise, of few values, and of runs: of any lengths, so that runs lie across anything. */
const piece = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }),
  fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 1, maxLength: 300 }),
  fc
    .record({ byte: fc.integer({ min: 0, max: 255 }), length: fc.integer({ min: 1, max: 2_000 }) })
    .map(({ byte, length }) => new Array<number>(length).fill(byte)),
);

describe.each(kernelKinds('deflate', plainDeflate, simdDeflate))(
  'the $kind deflate',
  ({ kernel: deflate }) => {
    /** Both kinds to the same bytes: the plain one is what the other is compared with. */
    function expectSameBack(bytes: Uint8Array): void {
      const stream = deflate(bytes);
      expect(Buffer.compare(inflateSync(stream), bytes)).toBe(0);
      if (deflate !== plainDeflate) expect(Buffer.compare(stream, plainDeflate(bytes))).toBe(0);
    }

    test('makes what inflates to itself', () => {
      fc.assert(
        fc.property(fc.array(piece, { minLength: 1, maxLength: 40 }), (pieces) => {
          expectSameBack(Uint8Array.from(pieces.flatMap((bytes) => [...bytes])));
        }),
        { numRuns: 200 },
      );
    });

    test('also of every small length, and of runs of every length up to two matches', () => {
      for (let length = 1; length < 560; length++) {
        expectSameBack(new Uint8Array(length).fill(length));
        expectSameBack(Uint8Array.from({ length }, (_, at) => at * 7));
        expectSameBack(Uint8Array.from([1, 2, ...new Array<number>(length).fill(9), 3, 4, 5]));
      }
    });

    test('also where one byte is rarer than the longest code can say', () => {
      // Each value is about twice as frequent as the one before: unbounded, its codes would have up to 18 bits.
      const bytes = Array.from({ length: 18 }, (_, value) =>
        new Array<number>(2 ** value).fill(value),
      ).flat();
      const shuffled = bytes.map((_, at) => bytes[(at * 7919) % bytes.length] as number);
      expectSameBack(Uint8Array.from(shuffled));
      expectSameBack(Uint8Array.from(bytes));
    });

    test('also over many blocks, of noise and of one value', () => {
      let state = 1;
      const noise = Uint8Array.from({ length: 400_000 }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return state >>> 24;
      });
      expectSameBack(noise);
      expect(deflate(noise).length).toBeLessThan(noise.length * 1.01);
      const flat = new Uint8Array(40_000_000);
      expectSameBack(flat);
      expect(deflate(flat).length).toBeLessThan(100_000);
    });

    test('takes hardly more bytes than zlib for rows of a photograph', () => {
      let state = 1;
      const residual = () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        const wide = ((state >>> 8) & 15) + ((state >>> 12) & 15) + ((state >>> 16) & 15) - 22;
        return state >>> 28 < 3 ? 0 : wide >> ((state >>> 24) & 3);
      };
      const rows = Uint8Array.from({ length: 1_000_000 }, residual);
      expectSameBack(rows);
      const own = deflate(rows).length;
      const runsOnly = deflateSync(rows, { level: 1, strategy: constants.Z_RLE, memLevel: 9 });
      expect(own).toBeLessThan(1.01 * runsOnly.length);
      expect(own).toBeLessThan(1.05 * deflateSync(rows).length);
    });
  },
);

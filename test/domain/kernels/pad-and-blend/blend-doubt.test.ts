import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  blended,
  blurShare,
  medianShare,
  toByte,
} from '../../../../src/domain/kernels/pad-and-blend/blend.ts';
import { isByteInDoubt } from '../../../../src/domain/kernels/pad-and-blend/blend-doubt.ts';

const { fround } = Math;

test('a byte that comes out otherwise because its blur is off within the bound is in doubt', () => {
  let others = 0;
  let doubts = 0;
  // Even over the range, which fast-check's doubles are not.
  const between = (min: number, max: number) =>
    fc.integer({ min: 0, max: 2 ** 30 }).map((part) => min + ((max - min) * part) / 2 ** 30);
  const arbitrary = fc.record({
    pixel: fc.integer({ min: 0, max: 255 }),
    blur: between(0, 255),
    off: between(-1, 1),
    error: fc.constantFrom(2e-5, 4e-5, 1e-4),
    mask: between(-0.33, 1),
    whole: fc.integer({ min: 0, max: 254 }),
    beside: between(0, 1),
  });
  fc.assert(
    fc.property(arbitrary, ({ pixel, blur, off, error, mask: maskAt, whole, beside }) => {
      const mask = fround(maskAt);
      const shares = { blurShare: blurShare(mask), medianShare: medianShare(mask) };
      if (shares.blurShare === 0) return;
      const exact = fround(blur);
      const value = blended(pixel, exact, shares.blurShare);
      // A median, or else a pixel, that takes the result to within a few errors of the middle between two bytes.
      const near = whole + 0.5 + (beside - 0.5) * 4 * error;
      const wanted = shares.medianShare > 0 ? value + (near - value) / shares.medianShare : 0;
      if (shares.medianShare > 0 && !(wanted >= 0 && wanted <= 255)) return;
      const median = fround(wanted);
      const seen = blended(pixel, fround(exact + off * error * 0.9), shares.blurShare);
      const [right, got] = [value, seen].map((one) => toByte(blended(one, median, shares.medianShare)));
      const isDoubtful = isByteInDoubt({ pixel, value: seen, median, ...shares }, error);
      if (isDoubtful) doubts++;
      if (right === got) return;
      others++;
      expect(isDoubtful).toBe(true);
    }),
    { numRuns: 60_000 },
  );
  expect(others).toBeGreaterThan(400);
  // Nor is everything in doubt.
  expect(doubts).toBeLessThan(30_000);
});

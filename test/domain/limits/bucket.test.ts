import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bucket } from '../../../src/domain/limits/bucket.ts';

/** Takes pieces as fast as the bucket lets, from `from` to `to` (ms). Answers what was taken, and the time then. */
function takeFor(bucket: Bucket, piece: () => number, from: number, to: number) {
  let taken = 0;
  let now = from;
  while (now < to) {
    const count = piece();
    const wait = bucket.take(count, now);
    if (wait === 0) taken += count;
    now += wait;
  }
  return { taken, now };
}

test('whatever the pieces, what comes in 30 s is the rate within 10 %', () => {
  const cases = fc.record({
    rate: fc.integer({ min: 100_000, max: 100_000_000 }),
    pieces: fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(cases, ({ rate, pieces }) => {
      const bucket = new Bucket(rate, 500, 0);
      let next = 0;
      const piece = () => Math.max(rate / 10_000, pieces[next++ % pieces.length] ?? 1);
      const { taken } = takeFor(bucket, piece, 0, 30_000);
      expect(taken / (rate * 30)).toBeGreaterThan(0.95);
      expect(taken / (rate * 30)).toBeLessThan(1.05);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('few requests a second are spread out, also fewer than one', () => {
  const slow = new Bucket(0.5, 500, 0);
  expect(slow.take(1, 0)).toBe(0);
  expect(slow.take(1, 0)).toBe(2_000);
  expect(slow.take(1, 1_999)).toBe(1);
  expect(slow.take(1, 2_000)).toBe(0);
  const { taken } = takeFor(new Bucket(3, 500, 0), () => 1, 0, 30_000);
  expect(taken).toBeGreaterThanOrEqual(90);
  expect(taken).toBeLessThanOrEqual(92);
});

test('a pause earns no more than half a second', () => {
  const bucket = new Bucket(1_000, 500, 0);
  const { taken } = takeFor(bucket, () => 10, 3_600_000, 3_601_000);
  expect(taken).toBeLessThanOrEqual(1_520);
});

test('a rate that is taken away and given again owes nothing', () => {
  const bucket = new Bucket(1_000, 500, 0);
  bucket.take(1_000_000, 0);
  bucket.setRate(Number.POSITIVE_INFINITY, 10);
  expect(bucket.take(1_000_000, 10)).toBe(0);
  bucket.setRate(1_000, 20);
  expect(bucket.take(1, 20)).toBeLessThan(2_000);
});

test('what comes ahead of the rate is paid by those after it, and there is an end to what is owed', () => {
  const bucket = new Bucket(1_000, 500, 0);
  let ahead = 0;
  while (bucket.ahead(100, 5_000, 0)) ahead += 100;
  // What was there, what may be owed, and the piece that is beyond it.
  expect(ahead).toBe(500 + 5_000 + 100);
  expect(bucket.take(1, 0)).toBe(5_101);
  expect(bucket.take(1, 5_101)).toBe(0);
});

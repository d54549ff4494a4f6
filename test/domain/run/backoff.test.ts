import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deferredSince, fullDiskWaitMs } from '../../../src/domain/run/backoff.ts';

const DAY = 24 * 3600 * 1000;

test('no worker`s clock, however wrong, parks files for more than a day or has them asked for without a pause', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.integer(), fc.constant(20 * 365 * DAY)), (waitMs) => {
      const { until } = deferredSince(now, { ids: '0', reason: 'quota', waitMs });
      expect(until).toBeGreaterThanOrEqual(now + 1_000);
      expect(until).toBeLessThanOrEqual(now + DAY);
    }),
  );
  expect(deferredSince(now, { ids: '0', reason: 'quota', waitMs: 8_000 }).until).toBe(now + 8_000);
});

test('a full disk is looked at again at once after something came, then ever less often, never less than once a minute', () => {
  expect([0, 1, 2, 3, 4, 99].map(fullDiskWaitMs)).toEqual([0, 10_000, 20_000, 40_000, 60_000, 60_000]);
});

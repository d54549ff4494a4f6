import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pacificDay, untilPacificMidnight } from '../../../src/domain/flow/pacific-day.ts';
import { DayBudget, RateBackoff, TokenBucket } from '../../../src/domain/flow/pacing.ts';

test('a bucket lets its burst through at once, and then so many a second, whoever asks when', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), (waits, burst) => {
      const bucket = new TokenBucket(10, burst);
      const begun: number[] = [];
      let now = 0;
      for (const wait of waits) {
        now += wait;
        begun.push(now + bucket.waitMs(now));
        bucket.take(now);
      }
      for (const [nth, at] of begun.entries()) {
        const before = begun[nth - burst];
        // Whatever second one looks at: the burst and ten.
        if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(0);
        const far = begun[nth - burst - 9];
        if (far !== undefined) expect(at - far).toBeGreaterThanOrEqual(1000 - 1e-6);
      }
    }),
  );
});

test('who is refused for asking too fast waits 1, 2, 4, 8, 16, 16 s, and from the start again after an answer', () => {
  const backoff = new RateBackoff();
  let now = 0;
  const next = (namedMs?: number) => {
    const wait = backoff.refused(now, now + 10, 0, namedMs);
    now += 10 + wait;
    return wait;
  };
  expect(Array.from({ length: 6 }, () => next())).toEqual([1, 2, 4, 8, 16, 16].map((s) => s * 1000));
  backoff.answered(now);
  expect(next()).toBe(1000);
  // A server that names two seconds each time is believed, and asked less often all the same.
  backoff.answered(now);
  expect(Array.from({ length: 5 }, () => next(2000))).toEqual([2, 2, 4, 8, 16].map((s) => s * 1000));
  expect(next(60_000)).toBe(60_000);
  expect(backoff.refused(now, now, 0.5)).toBe(16_500);
});

test('requests that were under way together count as one refusal', () => {
  const backoff = new RateBackoff();
  expect([1, 2, 3].map((late) => backoff.refused(0, 100 + late, 0))).toEqual([1000, 1000, 1000]);
  // One that began before the refusal says nothing of the time after it.
  backoff.answered(50);
  expect(backoff.refused(2000, 2100, 0)).toBe(2000);
});

test.each([
  ['2026-11-27T20:00:00Z', '2026-11-27', 12],
  ['2026-07-01T06:59:59.500Z', '2026-06-30', 0.5 / 3600],
  ['2026-07-01T07:00:00Z', '2026-07-01', 24],
  // Clocks go forward on 8 March and back on 1 November 2026, at two in the morning.
  ['2026-03-08T08:00:00Z', '2026-03-08', 23],
  ['2026-03-08T20:00:00Z', '2026-03-08', 11],
  ['2026-11-01T07:00:00Z', '2026-11-01', 25],
  ['2026-11-01T20:00:00Z', '2026-11-01', 12],
])('at %s it is the %s in California, for another %d hours', (iso, day, hours) => {
  const now = Date.parse(iso);
  expect(pacificDay(now)).toBe(day);
  expect(untilPacificMidnight(now) / 3_600_000).toBeCloseTo(hours, 9);
});

test('whenever it is, the next day there begins at the moment that is named', () => {
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2035, 0) }), (now) => {
      const wait = untilPacificMidnight(now);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(25 * 3_600_000);
      expect(pacificDay(now + wait - 1)).toBe(pacificDay(now));
      expect(pacificDay(now + wait)).not.toBe(pacificDay(now));
    }),
  );
});

test('bytes of a day are spent until the next one begins', () => {
  const budget = new DayBudget(100);
  const noon = Date.parse('2026-11-27T20:00:00Z');
  budget.spend(99, noon);
  expect(budget.isSpent(noon)).toBe(false);
  budget.spend(1, noon);
  expect(budget.isSpent(noon)).toBe(true);
  expect(budget.isSpent(noon + untilPacificMidnight(noon) - 1)).toBe(true);
  expect(budget.isSpent(noon + untilPacificMidnight(noon))).toBe(false);
});

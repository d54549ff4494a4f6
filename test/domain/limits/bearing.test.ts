import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bearing } from '../../../src/domain/limits/bearing.ts';

/** A source that bears so many requests at once, each of which takes `tookMs`; some client always wants more. */
function askFor(bearing: Bearing, bears: (now: number) => number, untilMs: number, tookMs = 400) {
  const seen: { readonly at: number; readonly inFlight: number }[] = [];
  let refusals = 0;
  let open: { readonly begunAt: number; readonly endsAt: number }[] = [];
  for (let now = 0; now < untilMs; now += 10) {
    for (const request of open.filter(({ endsAt }) => endsAt <= now)) {
      open = open.filter((other) => other !== request);
      bearing.end();
      bearing.fine(now);
    }
    const refused: number[] = [];
    while (bearing.begin(now) === 0) {
      if (open.length < bears(now)) open.push({ begunAt: now, endsAt: now + tookMs });
      else refused.push(now);
    }
    for (const begunAt of refused) {
      refusals++;
      bearing.refused(begunAt, now + 1);
    }
    for (const _ of refused) bearing.end();
    seen.push({ at: now, inFlight: open.length });
  }
  return {
    seen,
    refusals,
    from: (ms: number) => seen.filter(({ at }) => at >= ms).map((one) => one.inFlight),
  };
}

test('of a source that bears 8 of 32, 6 to 8 are in use before 10 s are over, and from then on', () => {
  const { from, refusals } = askFor(new Bearing(32), () => 8, 120_000);
  const later = from(10_000);
  expect(Math.min(...later)).toBeGreaterThanOrEqual(6);
  expect(Math.max(...later)).toBeLessThanOrEqual(8);
  // It tries for more again and again, less and less often.
  expect(refusals).toBeLessThan(80);
});

test('whatever a source bears, three quarters of it are used soon, and refusals become rare', () => {
  const cases = fc.record({ bears: fc.integer({ min: 1, max: 64 }), most: fc.integer({ min: 1, max: 64 }) });
  fc.assert(
    fc.property(cases, ({ bears, most }) => {
      const { from } = askFor(new Bearing(most), () => bears, 90_000);
      const usable = Math.min(bears, most);
      const later = from(60_000);
      const mean = later.reduce((sum, one) => sum + one, 0) / later.length;
      expect(mean).toBeGreaterThanOrEqual(usable * 0.7);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('a source that bears more again is used to the full', () => {
  const { from } = askFor(new Bearing(32), (now) => (now < 30_000 ? 4 : 32), 120_000);
  expect(Math.max(...from(10_000).slice(0, 100))).toBeLessThanOrEqual(4);
  expect(from(119_000).every((one) => one === 32)).toBe(true);
});

test('refusals of requests that were on their way when it became less change nothing more', () => {
  const bearing = new Bearing(32);
  for (let i = 0; i < 32; i++) expect(bearing.begin(0)).toBe(0);
  for (let i = 0; i < 24; i++) bearing.refused(0, 5);
  expect(bearing.most).toBe(24);
});

test('one alone that is refused is no matter of how many: the source rests, longer each time', () => {
  const bearing = new Bearing(8);
  const rests: number[] = [];
  for (let now = 0; now < 600_000; now += rests.at(-1) ?? 0) {
    expect(bearing.begin(now)).toBe(0);
    rests.push(bearing.refused(now, now + 1));
    bearing.end();
    expect(bearing.most).toBe(1);
  }
  expect(rests.slice(0, 6)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
});

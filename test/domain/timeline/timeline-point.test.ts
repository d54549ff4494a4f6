import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsedJson } from '../../../src/domain/parsed-json.ts';
import {
  joinedPoints,
  lineOf,
  pointOf,
  type TimelinePoint,
  thinned,
} from '../../../src/domain/timeline/timeline-point.ts';

const count = fc.nat({ max: 1_000_000 });
const point: fc.Arbitrary<TimelinePoint> = fc.record({
  at: fc.integer({ min: 1_700_000_000_000, max: 1_700_100_000_000 }),
  ms: fc.nat({ max: 30_000 }),
  kinds: fc.record({ thumbs: fc.record({ files: count, bytes: count, failed: count }) }),
  faults: fc.record({ 'short-body': count, 'disk-full': count }, { requiredKeys: [] }),
  waits: fc.record(
    { quota: fc.integer({ min: 1_700_000_000_000, max: 1_700_900_000_000 }) },
    { requiredKeys: [] },
  ),
  slow: fc.record({ network: count }, { requiredKeys: [] }),
});

test('a point is read as it was written', () => {
  fc.assert(
    fc.property(point, (written) => {
      expect(pointOf(parsedJson(lineOf(written)))).toEqual(written);
    }),
  );
});

test('thinned points fit, and hold the same sums', () => {
  const filesIn = (points: readonly TimelinePoint[]) =>
    points.reduce((files, { kinds }) => files + (kinds.thumbs?.files ?? 0), 0);
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 200 }), (points) => {
      const { points: kept } = thinned(points, 2_000);
      expect(kept.map(lineOf).join('').length).toBeLessThanOrEqual(2_000);
      expect(filesIn(kept)).toBe(filesIn(points));
      expect(kept.reduce(joinedPoints)).toEqual(points.reduce(joinedPoints));
    }),
    { numRuns: 50 },
  );
});

test('of what anybody may have written only known words and sound figures are taken', () => {
  expect(pointOf({ at: 'x', ms: 1 })).toBeUndefined();
  expect(pointOf({ at: '2026-01-01T00:00:00Z', ms: -1 })).toBeUndefined();
  expect(pointOf(null)).toBeUndefined();
  const at = '2026-01-01T00:00:00.000Z';
  const hostile = {
    ...{ at, ms: 5, note: '<script>' },
    kinds: { thumbs: { files: 1, bytes: 'x', failed: -3 }, '<b>': { files: 1 }, constructor: { files: 1 } },
    faults: { '<b>': 1, quota: Number.NaN, missing: 2, constructor: 1 },
    waits: { quota: 5 },
    slow: { network: 7, '"': 1 },
  };
  expect(pointOf(hostile)).toEqual({
    ...{ at: Date.parse(at), ms: 5, waits: {} },
    kinds: { thumbs: { files: 1, bytes: 0, failed: 0 } },
    faults: { missing: 2 },
    slow: { network: 7 },
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timelineChart } from '../../../src/domain/page/timeline-chart.ts';
import { courseOf } from '../../../src/domain/page/timeline-columns.ts';
import type { TimelinePoint } from '../../../src/domain/timeline/timeline-point.ts';

const start = 1_780_000_000_000;
const point: fc.Arbitrary<TimelinePoint> = fc.record({
  at: fc.integer({ min: start, max: start + 10_000_000 }),
  ms: fc.nat({ max: 3_000_000 }),
  kinds: fc.record({ thumbs: fc.record({ files: fc.nat(1000), bytes: fc.nat(1e6), failed: fc.nat(3) }) }),
  faults: fc.record({ quota: fc.nat(5) }),
  waits: fc.record({ quota: fc.integer({ min: start, max: start + 20_000_000 }) }, { requiredKeys: [] }),
  slow: fc.constant({}),
});

test('the columns of a chart hold what the points hold, whatever overlaps, and no wait is longer than the run', () => {
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), (points) => {
      const sorted = points.toSorted((one, other) => one.at - other.at);
      const course = courseOf(sorted, undefined, 48);
      if (course === undefined) throw new Error('expected a course');
      const drawn = course.columns.reduce((sum, { files }) => sum + (files.get('thumbs') ?? 0), 0);
      const noted = points.reduce((sum, { kinds }) => sum + (kinds.thumbs?.files ?? 0), 0);
      expect(drawn).toBeCloseTo(noted, 3);
      const faults = course.columns.reduce((sum, column) => sum + column.faults, 0);
      expect(faults).toBe(points.reduce((sum, one) => sum + (one.faults.quota ?? 0), 0));
      for (const [from, to] of course.waits.get('quota') ?? []) {
        expect(from).toBeGreaterThanOrEqual(course.from);
        expect(to).toBeLessThanOrEqual(course.to);
        expect(to).toBeGreaterThan(from);
      }
      expect(timelineChart(course)).not.toMatch(/NaN|undefined|Infinity/);
    }),
    { numRuns: 100 },
  );
});

test('waits that touch are one, and what nobody noted is no course', () => {
  const waiting = (at: number, until: number): TimelinePoint => ({
    ...{ at: start + at, ms: 10, kinds: {}, faults: {}, slow: {} },
    waits: { quota: start + until },
  });
  const course = courseOf([waiting(0, 500), waiting(400, 900), waiting(2_000, 3_000)], start + 2_500);
  expect(course?.waits.get('quota')).toEqual([
    [start, start + 900],
    [start + 2_000, start + 2_500],
  ]);
  expect(courseOf([], start)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { Line } from '../../../../src/activities/sources/http/pace.ts';

const SECOND = 1000;

/** Bodies that share a line: `paces` in bytes a second, a piece each `everyMs`. Answers who was too slow within the time. */
function slowOnes(paces: readonly number[], { seconds = 200, everyMs = SECOND } = {}): number[] {
  let now = 0;
  const line = new Line(60 * SECOND, () => now);
  const bodies = paces.map((pace) => ({ pace, meter: line.body(), isSlow: false }));
  for (const { meter } of bodies) meter.waiting();
  for (now = everyMs; now <= seconds * SECOND; now += everyMs) {
    for (const body of bodies) {
      if (body.meter.came((body.pace * everyMs) / SECOND)) body.isSlow = true;
      body.meter.waiting();
    }
  }
  return bodies.flatMap(({ isSlow }, index) => (isSlow ? [index] : []));
}

test('a line that is slow for all of its files ends none of them', () => {
  expect(slowOnes(Array(32).fill(600))).toEqual([]);
  expect(slowOnes(Array(32).fill(20))).toEqual([]);
  expect(slowOnes([900])).toEqual([]);
  expect(slowOnes([150])).toEqual([]);
});

test('files get unequal shares of a slow line, and none is ended for that', () => {
  expect(slowOnes([3_000, 5_000, 900, 400, 600])).toEqual([]);
});

test('a body that drips ends, while others flow and when it is alone', () => {
  expect(slowOnes([2_000_000, 900, 1_000_000])).toEqual([1]);
  expect(slowOnes([1 / 29, 5_000], { everyMs: 29 * SECOND })).toEqual([0]);
  expect(slowOnes([1 / 29], { everyMs: 29 * SECOND })).toEqual([0]);
});

test('a body of at least 1 KiB a second never ends, however fast the others are', () => {
  expect(slowOnes([1_030, 50_000_000])).toEqual([]);
});

test('what a slow reader holds back is not the line’s', () => {
  let now = 0;
  const line = new Line(60 * SECOND, () => now);
  const body = line.body();
  const other = line.body();
  for (let i = 0; i < 500; i++) {
    body.waiting();
    other.waiting();
    now += 1;
    expect(body.came(100)).toBe(false);
    other.came(1_000_000);
    // The disk takes its time.
    now += 10 * SECOND;
  }
});

import { expect, test } from 'vitest';
import { Serving } from '../../../src/domain/limits/serving.ts';

/** Seconds, in each of which so many files are in hand as there may be, up to `most`, and those beyond `served` wait. */
function pass(serving: Serving, served: number, most: number, from: number, seconds: number): number {
  let inHand = 0;
  for (let second = 0; second < seconds; second++) {
    const start = (from + second) * 1_000;
    inHand = Math.max(1, Math.min(most, serving.most));
    const waiting = Math.max(0, inHand - served);
    for (let file = 0; file < waiting; file++) serving.begin(start);
    for (let file = 0; file < waiting; file++) serving.end(start + 1_000);
    serving.turn(inHand, Math.min(1, inHand / served), start + 1_000);
  }
  return inHand;
}

test.each([
  ['fewer than one', 0.01, 1],
  ['one and a bit', 1.2, 5],
  ['ten', 10, 14],
])('a limit that serves %s has as many in hand as use it up', (_, served, expected) => {
  const serving = new Serving(0);
  expect(pass(serving, served, 32, 0, 20)).toBeGreaterThanOrEqual(Math.min(served, 1));
  expect(pass(serving, served, 32, 20, 10)).toBeLessThanOrEqual(expected);
});

test('a limit that nobody needs holds nobody back, and is no reason for more files than there are places', () => {
  const serving = new Serving(0);
  expect(pass(serving, 1_000, 32, 0, 10)).toBe(32);
  pass(serving, 1_000, 32, 10, 100);
  expect(serving.most).toBeLessThanOrEqual(64);
});

test('a large limit begins with many, and what was found out is kept until it is larger', () => {
  const serving = new Serving(0);
  serving.expect(5 * 1024 ** 2, Number.POSITIVE_INFINITY);
  expect(serving.most).toBe(10);
  pass(serving, 1, 32, 0, 10);
  const found = serving.most;
  expect(found).toBeLessThan(5);
  serving.expect(5 * 1024 ** 2, Number.POSITIVE_INFINITY);
  expect(serving.most).toBe(found);
  serving.expect(10 * 1024 ** 2, Number.POSITIVE_INFINITY);
  expect(serving.most).toBe(20);
  serving.expect(1024 ** 2, Number.POSITIVE_INFINITY);
  expect(serving.most).toBe(2);
});

import { expect, test } from 'vitest';
import { gateOf, gatesOf } from '../../../src/domain/failure/source-gate.ts';
import { closedMs } from '../../../src/domain/gate/gate-waits.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const asUsual = { dividedBy: 1 };

const waits = (refusal: Parameters<typeof closedMs>[0], random = 0) =>
  [0, 1, 2, 3, 30].map((times) => closedMs(refusal, times, asUsual, random));

test('a block is waited for five minutes at least, then longer and longer, to six hours', () => {
  expect(waits({ reason: 'blocked' })).toEqual([5, 10, 20, 40, 360].map((minutes) => minutes * MINUTE));
  expect(waits({ reason: 'blocked' }, 1)).toEqual([6, 12, 24, 48, 432].map((minutes) => minutes * MINUTE));
});

test('a source is never asked sooner than it said, and one that says a second again and again not each second', () => {
  expect(waits({ reason: 'blocked', retryAfterMs: 1_000 })).toEqual(waits({ reason: 'blocked' }));
  expect(closedMs({ reason: 'blocked', retryAfterMs: 8 * HOUR }, 30, asUsual, 0)).toBe(8 * HOUR);
  // Nor later, by more than a moment: whatever is guessed.
  expect(closedMs({ reason: 'daily-limit', retryAfterMs: 8 * HOUR }, 0, asUsual, 1)).toBe(8 * HOUR);
  // Not even by a test that divides its own waits.
  expect(closedMs({ reason: 'blocked', retryAfterMs: 2_000 }, 0, { dividedBy: 1_000 }, 0)).toBe(2_000);
});

test('no answer of a source closes its gate for longer than a day and a bit', () => {
  expect(closedMs({ reason: 'daily-limit', retryAfterMs: 1e12 }, 0, asUsual, 1)).toBeLessThanOrEqual(
    30 * HOUR,
  );
  expect(closedMs({ reason: 'daily-limit' }, 0, asUsual, 0)).toBe(HOUR);
});

test('Google has one gate for its address and one for the days of its API; others have none', () => {
  expect(gatesOf('drive.google.com')).toEqual(['google']);
  expect(gatesOf('doc-0k-docs.googleusercontent.com')).toEqual(['google']);
  expect(gatesOf('www.googleapis.com')).toEqual(['google', 'google-api']);
  expect(gateOf('www.googleapis.com', 'daily-limit')).toBe('google-api');
  expect(gateOf('www.googleapis.com', 'blocked')).toBe('google');
  // What lies there is anybody's.
  const rented = [
    '1.2.3.4.bc.googleusercontent.com',
    'x-docs.googleusercontent.com',
    'storage.googleapis.com',
  ];
  for (const host of [
    'mirror.example',
    '127.0.0.1:8080',
    'google.com.example',
    'notgoogleapis.com',
    ...rented,
  ]) {
    expect(gatesOf(host)).toEqual([]);
    expect(gateOf(host, 'blocked')).toBeUndefined();
  }
});

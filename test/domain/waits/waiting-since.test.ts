import { expect, test } from 'vitest';
import { waitingSince, withGatesMet } from '../../../src/domain/waits/waiting-since.ts';

const HOUR = 3_600_000;
const iso = (at: number) => new Date(at).toISOString();
const gate = (since: number) => ({ what: 'Google Drive', reason: 'blocked', since: iso(since) });
const quota = (since: number) => ({ what: 'a file', reason: 'quota', since: iso(since), times: 2 });

test('a run waits at a gate from when it came there, however long that was closed; for a quota from the first refusal', () => {
  const now = 100 * HOUR;
  const closed = [gate(now - 5 * HOUR)];
  const met = withGatesMet({}, closed, now);
  expect(waitingSince(closed, met, { now, known: now })).toBe(now);
  // An hour later it is the same wait, after a pause too.
  const later = now + HOUR;
  expect(withGatesMet(met, closed, later)).toEqual(met);
  expect(withGatesMet(met, [], later)).toEqual(met);
  expect(waitingSince(closed, met, { now: later, known: later })).toBe(now);
  expect(waitingSince([...closed, quota(now - HOUR)], met, { now: later, known: later })).toBe(now - HOUR);
  // Closed once more, which others met before.
  const again = [gate(now + 2 * HOUR)];
  const third = now + 3 * HOUR;
  const metAgain = withGatesMet(met, again, third);
  expect(waitingSince(again, metAgain, { now: third, known: third })).toBe(third);
});

test('a wait that does not say since when, or names a time to come, began when it was first seen', () => {
  const now = 100 * HOUR;
  for (const wait of [{ what: 'a', reason: 'blocked' }, gate(now + HOUR), { ...gate(0), since: 'x' }]) {
    expect(withGatesMet({}, [wait], now)).toEqual({});
    expect(waitingSince([wait], {}, { now, known: now - 7 })).toBe(now - 7);
  }
  expect(waitingSince([], {}, { now, known: now })).toBeUndefined();
});

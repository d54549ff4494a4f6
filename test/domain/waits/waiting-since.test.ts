import { expect, test } from 'vitest';
import { waitingSince, withGatesMet } from '../../../src/domain/waits/waiting-since.ts';

const HOUR = 3_600_000;
/** Of a run that began long ago. */
const start = HOUR;
const iso = (at: number) => new Date(at).toISOString();
const gate = (since: number) => ({ what: 'Google Drive', reason: 'blocked', since: iso(since) });
const quota = (since: number) => ({ what: 'a file', reason: 'quota', since: iso(since), times: 2 });

test('a run waits at a gate from when it came there, however long that was closed; for a quota from the first refusal', () => {
  const now = 100 * HOUR;
  const closed = [gate(now - 5 * HOUR)];
  const met = withGatesMet({}, closed, { now, start });
  expect(waitingSince(closed, met, { now, start, known: now })).toBe(now);
  // An hour later it is the same wait, after a pause too.
  const later = now + HOUR;
  expect(withGatesMet(met, closed, { now: later, start })).toEqual(met);
  expect(withGatesMet(met, [], { now: later, start })).toEqual(met);
  expect(waitingSince(closed, met, { now: later, start, known: later })).toBe(now);
  expect(waitingSince([...closed, quota(now - HOUR)], met, { now: later, start, known: later })).toBe(
    now - HOUR,
  );
  // Closed once more, which others met before.
  const again = [gate(now + 2 * HOUR)];
  const third = now + 3 * HOUR;
  const metAgain = withGatesMet(met, again, { now: third, start });
  expect(waitingSince(again, metAgain, { now: third, start, known: third })).toBe(third);
});

test('a wait that does not say since when, or names a time to come, began when it was first seen', () => {
  const now = 100 * HOUR;
  for (const wait of [{ what: 'a', reason: 'blocked' }, gate(now + HOUR), { ...gate(0), since: 'x' }]) {
    expect(withGatesMet({}, [wait], { now, start })).toEqual({});
    expect(waitingSince([wait], {}, { now, start, known: now - 7 })).toBe(now - 7);
  }
  expect(waitingSince([], {}, { now, start, known: now })).toBeUndefined();
});

test('nothing of a run waits since before the run: an old time, or one before all times, is the run`s beginning', () => {
  const now = 100 * HOUR;
  for (const since of ['1969-01-01T00:00:00.000Z', iso(0), iso(start - 1)]) {
    const old = { ...quota(0), since };
    expect(waitingSince([old], {}, { now, start, known: now })).toBe(start);
    const blocked = { ...gate(0), since };
    const met = withGatesMet({}, [blocked], { now, start });
    expect(met).toEqual({ blocked: now });
    expect(waitingSince([blocked], met, { now, start, known: now })).toBe(now);
  }
});

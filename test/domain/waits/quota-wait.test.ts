import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../src/domain/run/time-units.ts';
import type { QuotaWait } from '../../../src/domain/run/workflow-inputs.ts';
import { boundedWait, refusedAgain, toldOf } from '../../../src/domain/waits/quota-wait.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const DAY = 24 * HOUR;
const byDefault = { reason: 'quota', waitMs: HOUR, firstMs: HOUR, baseMs: HOUR };

/** The waits (ms) of a file that is refused again and again, each asked for as soon as it may be. */
function waitsOf(refusal: typeof byDefault, rounds: number, random: number): number[] {
  const waits: number[] = [];
  let wait: QuotaWait | undefined;
  for (let at = now; waits.length < rounds; at = wait.until) {
    wait = refusedAgain(wait, refusal, at, random);
    waits.push(wait.until - at);
    expect(wait).toMatchObject({ since: now, times: waits.length });
  }
  return waits;
}

test('a quota that never ends is asked for after an hour, then twice as long each time, then once a day', () => {
  expect(waitsOf(byDefault, 7, 0).map((ms) => ms / HOUR)).toEqual([1, 2, 4, 8, 16, 24, 24]);
});

test('no two files come at the same moment, and none before its hour or after its day', () => {
  for (const random of [0.25, 0.5, 1]) {
    const waits = waitsOf(byDefault, 8, random);
    expect(waits[0]).toBe(Math.round(HOUR * (1 + 0.2 * random)));
    expect(waits.at(-1)).toBe(Math.round(DAY * (1 - 0.2 * random)));
    for (const ms of waits) expect(ms).toBeLessThanOrEqual(DAY);
  }
});

test('a wait that the source names is kept; a short one that comes again and again is no pace to ask at', () => {
  const short = { ...byDefault, waitMs: SECOND, firstMs: SECOND };
  const waits = waitsOf(short, 20, 0);
  expect(waits.slice(0, 4)).toEqual([1, 2, 4, 8].map((seconds) => seconds * SECOND));
  expect(waits.at(-1)).toBe(DAY);
  const long = { ...byDefault, waitMs: 20 * HOUR, firstMs: 20 * HOUR, baseMs: MINUTE };
  expect(waitsOf(long, 2, 1)).toEqual([20 * HOUR, 20 * HOUR]);
});

test('a wait begins with the refusal, however long the rest of its bundle took', () => {
  const late = { ...byDefault, waitMs: 10 * MINUTE };
  expect(refusedAgain(undefined, late, now, 0)).toEqual({
    ...{ reason: 'quota', times: 1 },
    ...{ since: now - 50 * MINUTE, until: now + 10 * MINUTE },
  });
});

test('no worker`s clock, however wrong, parks files for more than a day or has them asked for without a pause', () => {
  const any = fc.oneof(fc.double(), fc.integer(), fc.constant(20 * 365 * DAY));
  fc.assert(
    fc.property(any, any, any, fc.integer({ min: 0, max: 2_000_000 }), (waitMs, firstMs, baseMs, times) => {
      const before = times === 0 ? undefined : { reason: 'quota', until: now, since: now - DAY, times };
      const wait = refusedAgain(before, { reason: 'quota', waitMs, firstMs, baseMs }, now, 0.5);
      expect(wait.until).toBeGreaterThanOrEqual(now + SECOND);
      expect(wait.until).toBeLessThanOrEqual(now + DAY);
      expect(wait.since).toBeLessThanOrEqual(now);
      expect(wait.since).toBeGreaterThanOrEqual(now - DAY);
      expect(Date.parse(toldOf('x', wait).until)).toBe(wait.until);
    }),
  );
});

test('a wait that comes from elsewhere ends within a day, and has not begun yet to come', () => {
  const far = { reason: 'quota', until: now + 59 * DAY, since: now + 59 * DAY, times: 1_000_000 };
  expect(boundedWait(far, now)).toEqual({ reason: 'quota', until: now + DAY, since: now, times: 100_000 });
});

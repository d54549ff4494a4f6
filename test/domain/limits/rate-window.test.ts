import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateWindow, readRateLimit } from '../../../src/domain/limits/rate-window.ts';

test.each([
  ['"resolvers";r=2999;t=297', { left: 2999, seconds: 297 }],
  [' "api";r=1;t=2 , "resolvers" ; r=0 ; t=5 ', { left: 0, seconds: 5 }],
  ['"other";r=7;t=8', { left: 7, seconds: 8 }],
  ['"resolvers";r=5;t=999999999', { left: 5, seconds: 86_400 }],
  ['"resolvers";t=5', undefined],
  ['"resolvers";r=-1;t=5', undefined],
  ['"api";r=1;t=2, "pages";r=3;t=4', undefined],
  ['', undefined],
  [undefined, undefined],
])('the header %j says %j', (header, said) => {
  expect(readRateLimit(header, 'resolvers')).toEqual(said);
});

/** A server with a fixed window, whose answers take their time and overtake each other. */
test('whatever the window, the rounding and the way of the answers, nothing is asked that would be refused', () => {
  const steps = fc.array(fc.tuple(fc.nat(400), fc.nat(900)), { minLength: 50, maxLength: 200 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 3, max: 40 }),
      fc.integer({ min: 6, max: 12 }),
      fc.boolean(),
      (asks, quota, seconds, roundsUp) => {
        const window = new RateWindow();
        const spent = new Map<number, number>();
        const onTheirWay: { at: number; begunAt: number; said: { left: number; seconds: number } }[] = [];
        let now = 0;
        let asked = 0;
        for (const [pause, takes] of asks) {
          now += pause;
          onTheirWay.sort((one, other) => one.at - other.at);
          while (onTheirWay[0] !== undefined && onTheirWay[0].at <= now) {
            const { at, begunAt, said } = onTheirWay.shift() as (typeof onTheirWay)[number];
            window.answered(said, begunAt, at);
          }
          // At most two at once before anything is known, as fewer than any quota.
          if (onTheirWay.length >= 2) continue;
          if (window.begin(now) > 0) continue;
          asked++;
          const nth = Math.floor(now / (seconds * 1000));
          const used = (spent.get(nth) ?? 0) + 1;
          spent.set(nth, used);
          expect(used).toBeLessThanOrEqual(quota);
          const rest = ((nth + 1) * seconds * 1000 - now) / 1000;
          const said = { left: quota - used, seconds: roundsUp ? Math.ceil(rest) : Math.floor(rest) };
          onTheirWay.push({ at: now + takes, begunAt: now, said });
        }
        expect(asked).toBeGreaterThan(0);
      },
    ),
  );
});

test('an empty window is waited out, and a second more, since its seconds are whole ones', () => {
  const window = new RateWindow();
  expect(window.begin(0)).toBe(0);
  window.answered({ left: 0, seconds: 30 }, 0, 100);
  expect(window.begin(1_000)).toBe(30_100);
  expect(window.begin(31_099)).toBe(1);
  expect(window.begin(31_100)).toBe(0);
});

test('what is under way is held to be still to count', () => {
  const window = new RateWindow();
  for (let nth = 0; nth < 3; nth++) window.begin(0);
  window.answered({ left: 3, seconds: 60 }, 0, 10);
  expect(window.begin(20)).toBe(0);
  expect(window.begin(20)).toBeGreaterThan(0);
  window.over();
  expect(window.begin(30)).toBe(0);
});

import { expect, test } from 'vitest';
import { OpenLooks, restMs } from '../../../src/domain/gate/looks.ts';

test('who comes back to a gate that says it is open rests longer each time, to five minutes; after work, a second again', () => {
  const looks = new OpenLooks();
  let now = 1_000_000;
  const rests = Array.from({ length: 12 }, () => {
    const ms = looks.rest(now);
    now += ms + 200;
    return ms;
  });
  expect(rests.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(rests.slice(-3)).toEqual([300_000, 300_000, 300_000]);
  expect(looks.since).toBe(1_000_000);
  // A whole night at such a gate is some hundred looks.
  expect((10 * 3_600_000) / restMs(100)).toBeLessThan(200);
  now += 301_000;
  expect(looks.rest(now)).toBe(1_000);
  expect(looks.since).toBe(now);
});

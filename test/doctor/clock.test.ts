import { expect, test } from 'vitest';
import { findClock } from '../../src/doctor/clock.ts';

test('a clock that is off is told with how much, and by whose; the nearest of all servers counts', () => {
  const ahead = (host: string, seconds: number) => ({ host, aheadMs: seconds * 1000 });
  expect(findClock([])).toMatchObject({ status: 'note' });
  expect(findClock([ahead('a', 59)])).toMatchObject({ status: 'ok' });
  const late = findClock([ahead('a', -7200)]);
  expect(late).toMatchObject({ status: 'problem', found: '2h 00m behind that of a' });
  expect(findClock([ahead('a', 300)]).found).toBe('5m 00s ahead of that of a');
  expect(findClock([ahead('a', 1e12), ahead('b', 2)])).toMatchObject({ status: 'ok' });
});

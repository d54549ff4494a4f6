import { expect, test } from 'vitest';
import {
  changed,
  limitsAfter,
  limitsText,
  readChanges,
  readKeptLimits,
} from '../../../src/domain/limits/limits.ts';

const fast = { bandwidth: { text: '20M' }, requests: 5 };

test('a change leaves what it does not name, and off takes a limit away', () => {
  expect(changed(fast, { files: 3 })).toEqual({ ...fast, files: 3 });
  expect(changed({ ...fast, files: 3 }, { bandwidth: { text: 'off' }, requests: 'off' })).toEqual({
    files: 3,
  });
});

test('the same command keeps what was set, another one says anew', () => {
  const kept = { asked: fast, now: { files: 1 } };
  expect(limitsAfter(kept, fast)).toBe(kept);
  expect(limitsAfter(kept, { requests: 6 })).toEqual({ asked: { requests: 6 }, now: { requests: 6 } });
  expect(limitsAfter(undefined, fast)).toEqual({ asked: fast, now: fast });
});

test.each([
  { bandwidth: '20M' },
  { bandwidth: { text: '20M', zone: 7 } },
  { bandwidth: { text: '08:00,5M', zone: '../../etc/localtime\n' } },
  { bandwidth: { text: '1'.repeat(100_000) } },
  { requests: 0 },
  { requests: Number.NaN },
  { requests: '5' },
  { files: 0 },
  { files: 1.5 },
  { files: 1e9 },
])('what nobody could have set is refused, and limits nothing in a memo (%#)', (changes) => {
  expect(readChanges(changes)).toBeUndefined();
  expect(readKeptLimits({ asked: changes, now: changes })).toEqual({ asked: {}, now: {} });
});

test('a memo of any shape is read', () => {
  for (const memo of [undefined, null, 7, 'x', [], { now: [] }])
    expect(readKeptLimits(memo)).toEqual({ asked: {}, now: {} });
  expect(readKeptLimits({ asked: {}, now: { ...fast, more: 1 } }).now).toEqual(fast);
});

test('people read what holds now, and of a timetable the whole', () => {
  expect(limitsText({}, 0)).toBe('');
  expect(limitsText({ ...fast, files: 1 }, 0)).toBe(
    '20M/s, 5 requests a second, 1 file in flight per worker',
  );
  const nights = { bandwidth: { text: '08:00,5M 23:00,off', zone: 'UTC' } };
  expect(limitsText(nights, Date.parse('2026-01-01T12:00:00Z'))).toBe(
    '5M/s (08:00,5M 23:00,off, by UTC time)',
  );
  expect(limitsText(nights, 0)).toBe('no limit (08:00,5M 23:00,off, by UTC time)');
});

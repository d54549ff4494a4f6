import { expect, test } from 'vitest';
import { noticeOf } from '../../../src/domain/notices/notice.ts';
import { emptyTally } from '../../../src/domain/run/progress.ts';

test('a notice says times and known reasons alone, whatever a wait claims', () => {
  const head = { event: 'waiting', number: 1, at: '2026-11-27T12:00:00.000Z' } as const;
  const until = '2026-11-27T13:00:00.000Z';
  const { waits } = noticeOf(head, emptyTally, [
    { reason: 'call +1 555', until },
    { reason: 'constructor', until },
    { reason: 'quota', until: 'Jan 1 2027 (sign in at https://evil.example)' },
    { reason: 'quota', until: '9999-12-31T00:00:00.000Z' },
    { reason: 'blocked', until: '1969-01-01T00:00:00.000Z' },
    { reason: 'disk-full' },
    { reason: 'quota', until },
  ]);
  expect(waits).toEqual([
    { reason: 'quota', until: '2027-01-01T00:00:00.000Z' },
    { reason: 'quota' },
    { reason: 'blocked' },
    { reason: 'disk-full' },
    { reason: 'quota', until },
  ]);
});

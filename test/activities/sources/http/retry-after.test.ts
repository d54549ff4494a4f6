import { expect, onTestFinished, test } from 'vitest';
import type { HttpResponse } from '../../../../src/activities/sources/http/client.ts';
import { retryAfterMs } from '../../../../src/activities/sources/http/retry-after.ts';

const NOW = Date.UTC(2026, 10, 27, 12);
const DAY = 24 * 3_600_000;

function waitOf(retryAfter: string, date?: string): number | undefined {
  const headers: Readonly<Record<string, string | undefined>> = { 'retry-after': retryAfter, date };
  const response: Pick<HttpResponse, 'header'> = { header: (name) => headers[name] };
  return retryAfterMs(response as HttpResponse, NOW);
}

test.each([
  ['5', 5_000],
  ['0.001', 1_000],
  ['1.5', 2_000],
  ['30.', 30_000],
  ['9'.repeat(400), DAY],
  ['Fri, 27 Nov 2026 12:01:00 GMT', 60_000],
  ['Friday, 27-Nov-26 12:01:00 GMT', 60_000],
  ['Fri Nov 27 12:01:00 2026', 60_000],
  ['120, 120', 120_000],
  ['5, Fri, 27 Nov 2026 12:01:00 GMT,  30', 60_000],
  ['Fri Nov 27 12:01:00 2026, 90', 90_000],
  ['Fri, 31 Dec 9999 23:59:59 GMT', DAY],
])('%j is a wait', (value, wait) => {
  expect(waitOf(value)).toBe(wait);
});

// By a server whose clock stands at 1970, any date would be a wait of a day.
test.each(['0', '0.0', '-5', '0,001', '.5', '1e3', '5 s', '1/2/2027', 'soon', 'Fri', '+5', '1.2.3'])(
  '%j is none, whatever the server calls now',
  (value) => {
    expect(waitOf(value)).toBeUndefined();
    expect(waitOf(value, 'Thu, 01 Jan 1970 00:00:00 GMT')).toBeUndefined();
  },
);

test('a date is held against the clock of the server that names it, if that is one', () => {
  expect(waitOf('Fri, 27 Nov 2026 09:00:30 GMT', 'Fri, 27 Nov 2026 09:00:00 GMT')).toBe(30_000);
  expect(waitOf('Fri, 27 Nov 2026 12:00:30 GMT', '0.001')).toBe(30_000);
});

test.each(['America/Los_Angeles', 'Asia/Kolkata'])(
  'a date that names no zone is of Greenwich, also on a machine in %s',
  (zone) => {
    const { TZ } = process.env;
    onTestFinished(() => {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    });
    process.env.TZ = zone;
    expect(waitOf('Fri Nov 27 12:01:00 2026')).toBe(60_000);
    expect(waitOf('Fri, 27 Nov 2026 12:01:00')).toBe(60_000);
    expect(waitOf('Fri, 27 Nov 2026 09:00:30 GMT', 'Fri Nov 27 09:00:00 2026')).toBe(30_000);
  },
);

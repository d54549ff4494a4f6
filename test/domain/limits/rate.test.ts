import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRate, parseBandwidth, rateAt } from '../../../src/domain/limits/rate.ts';

const MIB = 1024 ** 2;

function read(text: string, zone = 'UTC') {
  const bandwidth = parseBandwidth(text, zone);
  if ('problem' in bandwidth) throw new Error(bandwidth.problem);
  return bandwidth;
}

describe('one rate', () => {
  test.each([
    ['20M', 20 * MIB],
    ['20MiB', 20 * MIB],
    ['512k', 512 * 1024],
    ['1.5M', 1.5 * MIB],
    ['2G', 2 * 1024 ** 3],
    ['4096B', 4096],
    ['off', 'off'],
    ['OFF', 'off'],
  ])('%s', (text, rate) => {
    expect(rateAt(read(text), 0)).toBe(rate);
  });

  test.each([
    '',
    ' ',
    '20',
    '0M',
    '-1M',
    '20X',
    '1B',
    '9999G9',
    '20M 10M',
    '20M,',
    'off,off',
    'x'.repeat(3000),
  ])('none: %j', (text) => {
    expect(parseBandwidth(text, 'UTC')).toHaveProperty('problem');
  });

  test('is written so that it is read back as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 1024 ** 4 }), (rate) => {
        expect(rateAt(read(formatRate(rate)), 0)).toBe(rate);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('a timetable', () => {
  const at = (text: string) => Date.parse(text);

  test('holds each entry until the next, and the last one over midnight', () => {
    const nights = read('08:00,5M 23:00,off');
    expect(rateAt(nights, at('2026-03-02T07:59:59Z'))).toBe('off');
    expect(rateAt(nights, at('2026-03-02T08:00:00Z'))).toBe(5 * MIB);
    expect(rateAt(nights, at('2026-03-02T22:59:59Z'))).toBe(5 * MIB);
    expect(rateAt(nights, at('2026-03-02T23:00:00Z'))).toBe('off');
  });

  test('goes by the clock of its time zone, in summer and in winter', () => {
    const berlin = read('08:00,5M 23:00,off', 'Europe/Berlin');
    expect(rateAt(berlin, at('2026-01-15T06:59:00Z'))).toBe('off');
    expect(rateAt(berlin, at('2026-01-15T07:00:00Z'))).toBe(5 * MIB);
    expect(rateAt(berlin, at('2026-07-15T06:00:00Z'))).toBe(5 * MIB);
    expect(rateAt(berlin, at('2026-07-15T05:59:00Z'))).toBe('off');
  });

  test('knows days of the week', () => {
    // Monday, 2 March 2026.
    const weekends = read('Mon-08:00,1M Sat-00:00,off');
    expect(rateAt(weekends, at('2026-03-02T07:00:00Z'))).toBe('off');
    expect(rateAt(weekends, at('2026-03-05T12:00:00Z'))).toBe(MIB);
    expect(rateAt(weekends, at('2026-03-08T12:00:00Z'))).toBe('off');
  });

  test.each([
    '24:00,5M',
    '08:60,5M',
    '08:00,5M 08:00,6M',
    '08:00,5M,6M',
    '08:00',
    'Foo-08:00,5M',
    '08:00,5M 6M',
  ])('is none: %j', (text) => {
    expect(parseBandwidth(text, 'UTC')).toHaveProperty('problem');
  });

  test('of a zone that this host does not know goes by UTC', () => {
    const nowhere = read('08:00,5M 23:00,off', 'Mars/Olympus');
    expect(rateAt(nowhere, at('2026-03-02T08:00:00Z'))).toBe(5 * MIB);
  });
});

import { expect, test } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatFiles,
  formatPercent,
  oneLine,
} from '../../../src/domain/words/format.ts';

test('bytes are whole, also in rates', () => {
  expect([0, 12.345, 1536, 95_700_000_000].map(formatBytes)).toEqual(['0 B', '12 B', '1.50 KiB', '89.1 GiB']);
});

test('nothing is 100 % before all of it is done', () => {
  expect([0, 0.9999, 1].map(formatPercent)).toEqual(['0.0 %', '99.9 %', '100.0 %']);
});

test('durations have their two largest units', () => {
  expect([0, 59, 60, 3661, 90_000].map(formatDuration)).toEqual(['0s', '59s', '1m 00s', '1h 01m', '1d 1h']);
});

test('text from elsewhere cannot move the cursor, and shows that it would', () => {
  expect(oneLine('a\u001b[2J\nb\r\u009bc')).toBe('a\\x1b[2J b \\x9bc');
});

test('counts have a comma at every thousand', () => {
  expect([0, 999, 1000, 70_000, 1_234_567].map(formatCount)).toEqual([
    '0',
    '999',
    '1,000',
    '70,000',
    '1,234,567',
  ]);
  expect([1, 1000].map(formatFiles)).toEqual(['1 file', '1,000 files']);
});

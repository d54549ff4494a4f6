import { expect, test } from 'vitest';
import { csvLine } from '../../../src/domain/quoting/csv.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { quotedCsv } from '../../fuzz/laws/quoting-files.ts';

test('a record is one line, whose fields are texts that nobody computes', () => expectLaw(quotedCsv));

test.each([
  ['=1+1', "'=1+1"],
  ['+49', "'+49"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  [' =1', "' =1"],
  ["'=1", "''=1"],
  ['＝1+1', "'＝1+1"],
  ['a;=1+1', "a;'=1+1"],
  ['a, -b = c@d', 'a, -b = c@d'],
  ['\t=1', '\\t=1'],
  ['say "x"', 'say ""x""'],
  ['a\r\nb', 'a\\r\\nb'],
])('%j stands there as %j', (text, field) => {
  expect(csvLine([text])).toBe(`"${field}"\r\n`);
});

test('numbers stay numbers', () => {
  expect(csvLine(['00007', -7, ''])).toBe('"00007",-7,""\r\n');
});

import { expect, test } from 'vitest';
import type { StatsRecord } from '../../../src/domain/words/stats.ts';
import { countRecord, emptyStats, statsText } from '../../../src/domain/words/stats.ts';

function records(count: number, category: string, license: string, country: string): StatsRecord[] {
  return Array.from({ length: count }, () => ({ category, license, country }));
}

function textOf(all: readonly StatsRecord[]): string {
  const counts = emptyStats();
  for (const record of all) countRecord(counts, record);
  return statsText(counts);
}

test('the three tables have the layout of the reference, to the last space', () => {
  const text = textOf([
    ...records(5, 'training', 'Public Domain Mark', 'France'),
    ...records(1, 'training', 'Attribution License', ''),
    ...records(2, 'validation', 'Attribution License', 'Peru'),
  ]);
  expect(text).toBe(
    [
      '',
      '',
      'Category             Images  % of all',
      '---                  ---     ---     ',
      'training             6       75.00   ',
      'validation           2       25.00   ',
      '',
      '',
      'License              Images  % of all',
      '---                  ---     ---     ',
      'Public Domain Mark   5       62.50   ',
      'Attribution License  3       37.50   ',
      '',
      '',
      'Country              Images  % of all  % of known',
      '---                  ---     ---       ---       ',
      'France               5       62.50     71.43     ',
      'Peru                 2       25.00     28.57     ',
      '<Unknown>            1       12.50     0.00      ',
      '',
      '',
      '',
    ].join('\n'),
  );
});

test('countries under a thousandth are folded into a row that stays last, however large it is', () => {
  const rare = Array.from({ length: 900 }, (_, index) => records(1, 'training', 'A', `Rare ${index}`)).flat();
  const text = textOf([...rare, ...records(300, 'training', 'A', 'Chad')]);
  const countries = text.split('\n').slice(14, 17);
  expect(countries.map((row) => row.trimEnd())).toEqual([
    'Chad      300     25.00     25.00',
    '<Other>   900     75.00     75.00',
    '',
  ]);
});

test('equal counts keep the order in which they were met', () => {
  const text = textOf([
    ...records(2, 'b', 'L', 'X'),
    ...records(2, 'a', 'L', 'X'),
    ...records(3, 'c', 'L', 'X'),
  ]);
  const names = text
    .split('\n')
    .slice(4, 7)
    .map((row) => row.split(' ')[0]);
  expect(names).toEqual(['c', 'b', 'a']);
});

test('an exact half is rounded to the even digit, as Python prints it', () => {
  const text = textOf([
    ...records(1, 'one', 'L', 'X'),
    ...records(3, 'three', 'L', 'X'),
    ...records(796, 'many', 'L', 'X'),
  ]);
  expect(text).toContain('one       1       0.12 ');
  expect(text).toContain('three     3       0.38 ');
});

test('a manifest without records gives tables without rows', () => {
  expect(textOf([])).toContain('Category  Images  % of all');
});

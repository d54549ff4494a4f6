import { expect, test } from 'vitest';
import { table } from '../../../src/domain/words/table.ts';

const rows = [
  ['', 'files', 'bytes'],
  ['images', '70,000', '89.1 GiB'],
  ['json', '1', ''],
];

test('columns are as wide as their widest cell, two spaces apart, and filled up', () => {
  expect(table(rows)).toEqual([
    '        files   bytes   ',
    'images  70,000  89.1 GiB',
    'json    1               ',
  ]);
});

test('figures are flush right, but not the first column', () => {
  expect(table(rows, 'right')).toEqual([
    '         files     bytes',
    'images  70,000  89.1 GiB',
    'json         1          ',
  ]);
});

test('a width is counted in characters, and rows may be short or empty', () => {
  expect(table([[], ['\u{1F600}a', 'b'], ['c'], ['d', 'ef']])).toEqual([
    '',
    '\u{1F600}a  b ',
    'c ',
    'd   ef',
  ]);
});

test('a cell that strangers wrote is quoted before columns are measured, and breaks no row', () => {
  expect(
    table([
      ['a\n\u001b[2Jb', 'x'],
      ['c', 'y'],
    ]),
  ).toEqual(['a\\n\\x1b[2Jb  x', `c${' '.repeat(10)}  y`]);
});

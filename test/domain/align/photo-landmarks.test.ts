import { expect, test } from 'vitest';
import { parsePhotoLandmarks } from '../../../src/domain/align/photo-landmarks.ts';

const face = (x: number) => Array.from({ length: 68 }, (_, at) => [x + at, 2 * at]);
const line = (file: string, x: number) => [file, ...face(x).flat()].join(',');

test('JSON: file names with one face or several', () => {
  const text = JSON.stringify({ 'anna.jpg': face(0), 'trip/group.png': [face(1), face(2)] });
  expect(parsePhotoLandmarks('landmarks.json', text)).toEqual({
    photos: [
      { file: 'anna.jpg', faces: [face(0)] },
      { file: 'trip/group.png', faces: [face(1), face(2)] },
    ],
  });
});

test('CSV: a line for each face, lines of one photograph in their order, with or without a header', () => {
  const lines = [line('group.png', 1), line('anna.jpg', 0), line('group.png', 2)];
  const header = ['file', ...Array.from({ length: 68 }, (_, at) => `x${at},y${at}`)].join(',');
  for (const text of [lines.join('\n'), `${[header, ...lines].join('\r\n')}\r\n`]) {
    expect(parsePhotoLandmarks('faces.CSV', text)).toEqual({
      photos: [
        { file: 'group.png', faces: [face(1), face(2)] },
        { file: 'anna.jpg', faces: [face(0)] },
      ],
    });
  }
});

test.each([
  ['f.json', '{"a.jpg": ', /file=f\.json\]: expected JSON/],
  ['f.json', '[]', /expected an object of file names, got \[\]/],
  ['f.json', JSON.stringify({ 'a.jpg': 5 }), /photograph a\.jpg\]: expected a list of faces, got 5/],
  [
    'f.json',
    JSON.stringify({ 'a.jpg': [face(0).slice(1)] }),
    /face 0\]: expected 68 pairs of numbers, got 67 entries/,
  ],
  [
    'f.json',
    JSON.stringify({ 'a.jpg': [[...face(0).slice(1), ['1', 2]]] }),
    /face 0, point 67\]: expected a pair of finite/,
  ],
  [
    'f.json',
    JSON.stringify({ '../a.jpg': face(0) }),
    /expected a plain file name inside the folder, got \.\.\/a\.jpg/,
  ],
  ['f.json', JSON.stringify({ '/etc/a.jpg': face(0) }), /plain file name/],
  ['f.json', JSON.stringify({ 'a\\b.jpg': face(0) }), /plain file name/],
  ['f.csv', 'a.jpg,1,2,3', /line 1\]: expected a file name and 136 numbers, got 4 cells/],
  [
    'f.csv',
    `${line('a.jpg', 0)}\n${line('b.jpg', 0).replace(/5,/, 'five,')}`,
    /line 2, cell \d+\]: expected a finite number, got/,
  ],
  ['f.csv', line('.hidden.jpg', 0), /line 1\]: expected a plain file name/],
])('what cannot be used is refused, naming the place: %s %#', (name, text, said) => {
  const parsed = parsePhotoLandmarks(name, text);
  expect('error' in parsed ? parsed.error : 'nothing is refused').toMatch(said);
});

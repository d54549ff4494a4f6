import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePhotoLandmarks } from '../../../src/domain/align/photo-landmarks.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { landmarkFiles } from '../../fuzz/laws/landmarks.ts';

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

test.each([
  ['nested 400,000 deep', `{"a.jpg":${'['.repeat(400_000)}${']'.repeat(400_000)}}`, /nested deeper/],
  [
    'objects nested 100,000 deep',
    `{"a.jpg":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
    /nested deeper/,
  ],
  ['more lists than there are ids for', `{"a.jpg":[${'[],'.repeat(7_000_001)}[]]}`, /at most 7000000 lists/],
  ['numbers without end', JSON.stringify({ 'a.jpg': face(0) }).replace('0', '1e999'), /68 pairs|finite/],
  ['a name without end', JSON.stringify({ [`${'a'.repeat(1_000_000)}.jpg`]: face(0) }), /plain file name/],
  [
    'a name that a terminal would act on',
    JSON.stringify({ '\u009b2J\u001b[2J': face(0) }),
    /plain file name/,
  ],
  ['of a name that turns the line around', JSON.stringify({ '\u202ea.jpg': 5 }), /list of faces/],
  ['of such a name, with a face of nothing', JSON.stringify({ '\u202ea.jpg': [5] }), /68 pairs/],
])('landmarks that are %s are refused in a sentence', (_, text, said) => {
  const parsed = parsePhotoLandmarks('f.json', text);
  const error = 'error' in parsed ? parsed.error : 'nothing is refused';
  expect(error).toMatch(said);
  expect(error.length).toBeLessThan(400);
  expect(error).not.toMatch(/\p{C}/u);
});

test('a name that passes is a file below the folder of the photographs', () => {
  const part = fc.oneof(
    fc.constantFrom('..', '.', '', 'a', '/', '\\', '\0', '~', 'C:', 'x.png', '\n'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  let passed = 0;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.constantFrom('', '.jpg'), (parts, end) => {
      const name = `${parts.join('/')}${end}`;
      const parsed = parsePhotoLandmarks('f.json', JSON.stringify({ [name]: face(0) }));
      if ('error' in parsed) return;
      passed++;
      expect(posix.normalize(name)).toBe(name);
      expect(posix.resolve('/photos', name).startsWith('/photos/')).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(passed).toBeGreaterThan(5);
});

test('whatever the text is, it is read or refused in a sentence', () => expectLaw(landmarkFiles));

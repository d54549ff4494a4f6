import fc from 'fast-check';
import { expect, test } from 'vitest';
import { driveFileOf, driveUrlOf } from '../../../src/domain/network/drive-file.ts';
import { parseDriveIds } from '../../../src/domain/network/drive-ids.ts';

const read = (text: string) => {
  const parsed = parseDriveIds(text);
  return 'ids' in parsed ? Object.fromEntries(parsed.ids) : parsed.problem;
};

test.each([
  [
    'a JSON object',
    '{"a": "own", "images1024x1024/00000/00000.png": "https://drive.google.com/open?id=p&resourcekey=0-k"}',
  ],
  [
    'TSV',
    'a\town\r\nimages1024x1024/00000/00000.png\thttps://drive.google.com/file/d/p/view?resourcekey=0-k\r\n',
  ],
  [
    'CSV with quotes, a comment and a BOM',
    '\ufeff# mine\n\n"a","own"\n "images1024x1024/00000/00000.png" , "https://drive.google.com/uc?id=p&resourcekey=0-k"',
  ],
  [
    'CSV of a spreadsheet that parts by semicolons',
    'a;own\nimages1024x1024/00000/00000.png;https://docs.google.com/uc?id=p&resourcekey=0-k',
  ],
])('a list is read as %s', (_, text) => {
  expect(read(text)).toEqual({
    a: { id: 'own' },
    'images1024x1024/00000/00000.png': { id: 'p', resourceKey: '0-k' },
  });
});

test.each([
  ['', 'expected entries, got none'],
  ['{}', 'expected entries, got none'],
  ['{"a": 5}', 'expected a Drive id or link in entry 1, got something else'],
  ['{"a": "own", "b": ["own"]}', 'expected a Drive id or link in entry 2, got something else'],
  ['{"a": "https://example.org/uc?id=x"}', 'expected a Drive id or link in entry 1, got something else'],
  ['{"a": "own"', 'expected a JSON object, got a text that is none'],
  ['{"a": "own",}', 'expected a JSON object, got a text that is none'],
  ['{"a": "own"} {', 'expected a JSON object, got a text that is none'],
  ['{"a": ', 'expected a JSON object, got a text that is none'],
  ['a\town\nb c\n', 'expected an id or path and a Drive id or link in line 2, got 1 column'],
  ['a,own,more', 'expected an id or path and a Drive id or link in line 1, got 3 columns'],
  ['a,\u001b[31m', 'expected an id or path and a Drive id or link in line 1, got something else'],
  [`a,${'x'.repeat(3000)}`, 'expected at most 2000 characters in line 1, got 3002'],
])('a list that is none is refused by its line: %j', (text, problem) => {
  expect(read(text)).toBe(problem);
});

test.each([
  '# Netscape HTTP Cookie File\n.google.com\tTRUE\t/\tTRUE\t1999999999\tSID\tg.a000hunter2hunter2\n',
  'AIzaSyhunter2hunter2hunter2hunter2hunter2',
  'hunter2,hunter 2',
  '-----BEGIN hunter2-----\nhunter2=\n',
  '{"format":1,"refresh_token":"1//hunter2"}',
  '{"hunter2":5}',
  '{"hunter2',
])('of a file with secrets that was named by mistake nothing is repeated: %j', (text) => {
  expect(read(text)).toMatch(/^expected/);
  expect(read(text)).not.toContain('hunter2');
});

test.each(['{},', '[],', '['])('a list of the most bytes, full of %s, is refused at once', (piece) => {
  const text = `{"a":[${piece.repeat(16 * 1024 ** 2)}`;
  const before = performance.now();
  expect(read(text)).toBe('expected a Drive id or link in entry 1, got something else');
  expect(performance.now() - before).toBeLessThan(1_000);
});

test('JSON is read as JSON has it', () => {
  const lists = fc.dictionary(fc.string(), fc.stringMatching(/^[\w-]{1,20}$/), {
    minKeys: 1,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(lists, fc.constantFrom(undefined, 2, '\t'), (list, indent) => {
      const parsed = parseDriveIds(JSON.stringify(list, undefined, indent));
      if (!('ids' in parsed)) throw new Error(parsed.problem);
      expect([...parsed.ids].map(([key, { id }]) => [key, id])).toEqual(Object.entries(list));
    }),
  );
});

test('a list takes time by its length, whatever it is made of', () => {
  const million = 1_000_000;
  for (const text of [
    ' '.repeat(4 * million),
    '\n'.repeat(4 * million),
    '"'.repeat(4 * million),
    `${'a,b\n'.repeat(million)}`,
    `{${'"a":'.repeat(million)}`,
    '[{'.repeat(2 * million),
    Array.from({ length: 200_000 }, (_, nth) => `images1024x1024/00000/${nth}.png,own${nth}`).join('\n'),
  ]) {
    const begun = performance.now();
    parseDriveIds(text);
    expect(performance.now() - begun).toBeLessThan(5_000);
  }
});

test('what is read of a list leads to Drive by https, and names its file there', () => {
  fc.assert(
    fc.property(fc.oneof(fc.webUrl(), fc.string()), (text) => {
      const parsed = parseDriveIds(JSON.stringify({ key: text }));
      if (!('ids' in parsed)) return;
      const file = parsed.ids.get('key');
      if (file === undefined) throw new Error('expected an entry');
      const url = driveUrlOf(file);
      expect(url.origin).toBe('https://drive.google.com');
      expect(driveFileOf(url)).toEqual(file);
    }),
  );
});

test.each([
  'http://drive.google.com/uc?id=x',
  'https://drive.google.com:444/uc?id=x',
  'https://u:p@drive.google.com/uc?id=x',
  'https://drive.google.com.example/uc?id=x',
  'https://doc-0k-8s-docs.googleusercontent.com/docs/securesc/x?id=x',
  'https://www.googleapis.com/drive/v3/files/x?alt=media',
  'https://drive.google.com/uc?id=../../x',
  'https://drive.google.com/uc',
  'https://drive.google.com/drive/folders/x?id=x',
])('%s names no file of the API', (url) => {
  expect(driveFileOf(new URL(url))).toBeUndefined();
});

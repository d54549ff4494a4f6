import { expect, test } from 'vitest';
import { localDir } from '../../../../src/activities/sources/local-dir/request.ts';
import { flagsGiven } from '../flag-reader.ts';

test('a folder is its absolute path, and contacts nobody', () => {
  const request = localDir.read(flagsGiven({ '--source-path': 'copy' }));
  expect(request).toEqual({ name: 'local-dir', path: '/given/copy' });
  expect(localDir.describe(request)).toBe('/given/copy');
  expect(localDir.namedUrls(request)).toEqual([]);
  expect(localDir.asksFileUrls).toBe(false);
});

test('without its flag it is refused', () => {
  expect(() => localDir.read(flagsGiven({}))).toThrow(
    'flag [--source-path]: expected the folder with the copy, got nothing',
  );
});

test.each([
  {},
  { path: '' },
  { path: 'copy' },
  { path: 5 as unknown as string },
  { baseUrl: 'https://x.example/' },
])('a request such as %j names no folder', (fields) => {
  const request = { name: 'local-dir', ...fields };
  expect(() => localDir.describe(request)).toThrow('source [name=local-dir]: expected an absolute path');
});

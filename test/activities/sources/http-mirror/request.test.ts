import { expect, test } from 'vitest';
import { httpMirror } from '../../../../src/activities/sources/http-mirror/request.ts';
import { flagsGiven } from '../flag-reader.ts';

test('a mirror is its base URL, which names its host', () => {
  const request = httpMirror.read(flagsGiven({ '--mirror-url': 'https://mirror.example' }));
  expect(request).toEqual({ name: 'http-mirror', baseUrl: 'https://mirror.example/' });
  expect(httpMirror.describe(request)).toBe('https://mirror.example/');
  expect(httpMirror.namedUrls(request).map(({ host }) => host)).toEqual(['mirror.example']);
  expect(httpMirror.asksFileUrls).toBe(false);
});

test('without its flag it is refused', () => {
  expect(() => httpMirror.read(flagsGiven({}))).toThrow(
    'flag [--mirror-url]: expected the base URL of the mirror, got nothing',
  );
});

test.each([{}, { baseUrl: 'token:secret@' }, { path: '/x' }])(
  'a request such as %j is no mirror',
  (fields) => {
    const request = { name: 'http-mirror', ...fields };
    const said = 'source [name=http-mirror]: expected an http(s) URL as baseUrl, got none';
    expect(() => httpMirror.describe(request)).toThrow(said);
    expect(() => httpMirror.namedUrls(request)).toThrow(said);
  },
);

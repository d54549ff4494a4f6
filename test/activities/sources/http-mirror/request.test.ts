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

test.each([
  'https://user:hunter2@mirror.example/',
  'https://mirror.example/?token=hunter2',
  'https://mirror.example/#hunter2',
  'https://:hunter2@mirror.example/ffhq?x',
])('a request with what may be a secret is refused, and says how a token is given: %s', (baseUrl) => {
  const said = (() => {
    try {
      return httpMirror.describe({ name: 'http-mirror', baseUrl });
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(said).toMatch(/^source \[name=http-mirror\]: baseUrl: expected a URL without .* FFHQ_TOKENS/);
  expect(said).not.toContain('hunter2');
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

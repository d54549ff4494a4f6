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

test('several mirrors stand in fields of their own, each checked like the first', () => {
  const flags = {
    '--mirror-url': 'https://a.example,https://b.example/x/{folder}/{id5}.png,https://a.example/',
  };
  const request = httpMirror.read(flagsGiven(flags));
  const fields = { baseUrl: 'https://a.example/', baseUrl2: 'https://b.example/x/{folder}/{id5}.png' };
  expect(request).toEqual({ name: 'http-mirror', ...fields });
  expect(httpMirror.describe(request)).toBe('2 mirrors (a.example, b.example)');
  expect(httpMirror.flagsOf(request)).toEqual([
    ['--mirror-url', fields.baseUrl],
    ['--mirror-url', fields.baseUrl2],
  ]);
  expect(httpMirror.places?.(request)).toEqual([
    { name: 'http-mirror', baseUrl: fields.baseUrl },
    { name: 'http-mirror', baseUrl: fields.baseUrl2 },
  ]);
  const secret = { ...request, baseUrl3: 'https://me:hunter2@c.example/' };
  expect(() => httpMirror.describe(secret)).toThrow(/baseUrl3: expected a URL without (?!.*hunter2)/);
});

test.each([
  ['https://{id}.a.example/{path}', 'expected a plain host, got one with braces'],
  ['https://a{folder}.example:81/{path}', 'expected a plain host, got one with braces'],
  ['https://%7bid%7d.a.example/', 'expected a plain host, got one with braces'],
  ['https://a.example/all.png{', 'expected braces in pairs'],
  ['https://a.example/{folder}.png', 'expected a template with {path}, {id} or {id5}'],
  ['https://a.example/{name}.png', 'expected {path}, {id}, {id5} or {folder} in a template, got {name}'],
  [
    Array.from({ length: 17 }, (_, nth) => `https://m${nth}.example/`).join(),
    'expected at most 16 mirrors, got 17',
  ],
])('%s is refused', (text, problem) => {
  expect(() => httpMirror.read(flagsGiven({ '--mirror-url': text }))).toThrow(
    `flag [--mirror-url]: ${problem}`,
  );
});

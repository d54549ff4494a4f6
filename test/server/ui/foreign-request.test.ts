import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foreignRequest } from '../../../src/server/ui/foreign-request.ts';

const own = '127.0.0.1:8233';

test.each([
  ['a tool', { host: own }],
  ['a tab, by name', { host: 'localhost:8233', 'sec-fetch-site': 'none' }],
  ['its own page', { host: own, origin: `http://${own}`, 'sec-fetch-site': 'same-origin' }],
  ['a tab at the other end of a tunnel', { host: 'localhost:9000', origin: 'http://localhost:9000' }],
  ['a tab by IPv6', { host: '[::1]:8233', origin: 'http://[::1]:8233' }],
  [
    'a link that stands elsewhere',
    {
      host: own,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    },
  ],
])('%s is let in', (_who, headers) => {
  expect(foreignRequest({ headers })).toBeUndefined();
});

const strangers: [string, string, Record<string, string>][] = [
  ['a page that had its own name lead here', 'GET', { host: 'evil.example:8233' }],
  ['one named like ours', 'GET', { host: 'localhost.evil.example:8233' }],
  ['one named with ours before an @', 'GET', { host: '127.0.0.1@evil.example' }],
  ['nobody', 'GET', {}],
  ['a page elsewhere', 'POST', { host: own, origin: 'https://evil.example' }],
  ['a page in a sandbox', 'POST', { host: own, origin: 'null' }],
  ['another program of this machine, by its page', 'POST', { host: own, origin: 'http://127.0.0.1:8888' }],
  ['the same host by another scheme', 'POST', { host: own, origin: `https://${own}` }],
  ['a script that stands elsewhere', 'GET', { host: own, 'sec-fetch-site': 'cross-site' }],
  ['a script of another port', 'GET', { host: own, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  [
    'a frame in another page',
    'GET',
    { host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ],
  [
    'a form that stands elsewhere',
    'POST',
    { host: own, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ],
];

test.each([
  ['a target that is a whole URL', { url: 'http://evil.example/api', headers: { host: own } }],
  ['a body that a reading request has', { method: 'GET', headers: { host: own, 'content-length': '5' } }],
  ['one in chunks', { method: 'DELETE', headers: { host: own, 'transfer-encoding': 'chunked' } }],
  ['one of no length', { method: 'GET', headers: { host: own, 'content-length': 'x' } }],
])('%s is refused, as it may mean something else to the server', (_what, asked) => {
  expect(foreignRequest(asked)).toMatch(/^expected /);
});

test.each(strangers)('%s is refused', (_who, method, headers) => {
  expect(foreignRequest({ method, headers })).toMatch(/^expected /);
});

test('whatever a host is named, it is let in by a name of this machine alone', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.domain(), fc.webAuthority({ withPort: true })), (host) => {
      const isOwn = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
      expect(foreignRequest({ headers: { host } }) === undefined).toBe(isOwn);
    }),
    { numRuns: 3_000 },
  );
});

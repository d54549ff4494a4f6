import fc from 'fast-check';
import { parseCookieFile, SavedCookies } from '../../../../src/domain/network/cookie-file.ts';
import { hostileText } from '../../../support/hostile-text.ts';
import { hostileBytes, spoilt } from '../../hostile/bytes.ts';
import { law } from '../../law.ts';

const part = fc.oneof(
  hostileText,
  fc.constantFrom('.google.com', 'drive.google.com', '#HttpOnly_.google.com', '.googleusercontent.com'),
  fc.constantFrom(
    'google.com.example',
    '.com',
    '.example.org',
    'TRUE',
    'FALSE',
    '/',
    '/uc',
    '0',
    '-1',
    '1e9',
  ),
  fc.constantFrom(
    '9999999999',
    'SID',
    '__Secure-1PSID',
    '__proto__',
    'a=b',
    'x'.repeat(5_000),
    '\r',
    '\0',
    ';',
  ),
);
const line = fc.array(part, { maxLength: 8 }).map((fields) => fields.join('\t'));
const valid = fc
  .tuple(fc.constantFrom('.google.com', 'docs.google.com'), fc.constantFrom('SID', 'NID'), fc.nat(999))
  .map(([domain, name, value]) => `${domain}\tTRUE\t/\tTRUE\t0\t${name}\tcanary${value}`);
const file = fc.record({
  lines: fc.array(fc.tuple(fc.oneof(line, valid), fc.constantFrom(1, 1, 1, 3, 200)), { maxLength: 8 }),
  bytes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, hostileBytes(2)),
});

const elsewhere = ['http://drive.google.com/uc', 'https://google.com.example/', 'https://example.org/'];
const google = [
  'https://drive.google.com/uc',
  'https://docs.google.com/uc',
  'https://x.googleusercontent.com/',
];

export const cookieFiles = law('cookie-files', 200, file, ({ lines, bytes }) => {
  const text = lines.flatMap(([one, times]) => Array<string>(times).fill(one)).join('\n');
  const cookies = parseCookieFile(spoilt(Buffer.from(text), bytes).toString('utf8'), 0);
  if (!(cookies instanceof SavedCookies)) {
    if (!/^expected [ -~]{1,200}$/.test(cookies.problem) || cookies.problem.includes('canary'))
      throw new Error(`problem: expected a sentence of our own, got ${JSON.stringify(cookies.problem)}`);
    return;
  }
  for (const url of elsewhere)
    if (cookies.for(new URL(url), 0).size > 0) throw new Error(`cookies: expected none for ${url}, got some`);
  for (const url of google) {
    const header = [...cookies.for(new URL(url), 0)].map(([name, value]) => `${name}=${value}`).join('; ');
    if (header.length > 20_000 || !/^[ -~]*$/.test(header))
      throw new Error(`header: expected a short printable one, got ${JSON.stringify(header.slice(0, 200))}`);
  }
});

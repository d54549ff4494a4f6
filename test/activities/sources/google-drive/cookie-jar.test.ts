import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeCookieJar } from '../../../../src/activities/sources/google-drive/cookie-jar.ts';
import { parseCookieFile, SavedCookies } from '../../../../src/domain/network/cookie-file.ts';

const saved = parseCookieFile(
  '.google.com\tTRUE\t/\tTRUE\t0\tSID\tmine\n.google.com\tTRUE\t/\tTRUE\t0\tNID\told',
  0,
);
const own = () => makeCookieJar(saved instanceof SavedCookies ? saved : undefined);

const drive = new URL('https://drive.google.com/uc');
const docs = new URL('https://docs.google.com/uc');
const signed = new URL('https://doc-1-docs.googleusercontent.com/x');
const otherSigned = new URL('https://doc-2-docs.googleusercontent.com/x');

test('hosts of google.com share their cookies; no other site gets them', () => {
  const jar = makeCookieJar();
  jar.store(drive, ['download_warning_1=abc; Path=/uc; Domain=.drive.google.com', 'NID=5=x; Secure']);
  expect(jar.headerFor(docs)).toBe('download_warning_1=abc; NID=5=x');
  expect(jar.headerFor(new URL('https://drive.usercontent.google.com/'))).toContain('abc');
  for (const url of [signed, new URL('https://google.com.example/'), new URL('https://evilgoogle.com/')]) {
    expect(jar.headerFor(url)).toBeUndefined();
  }
});

test('a host of googleusercontent.com gets its own back and nothing else', () => {
  const jar = makeCookieJar();
  jar.store(signed, ['AUTH=1; Domain=.googleusercontent.com']);
  expect(jar.headerFor(signed)).toBe('AUTH=1');
  expect(jar.headerFor(otherSigned)).toBeUndefined();
  expect(jar.headerFor(drive)).toBeUndefined();
});

test('other hosts’ cookies are not kept', () => {
  const jar = makeCookieJar();
  const mirror = new URL('https://mirror.example/');
  jar.store(mirror, ['a=1']);
  expect(jar.headerFor(mirror)).toBeUndefined();
});

test('a later value replaces an earlier one, and an age of nothing removes it', () => {
  const jar = makeCookieJar();
  jar.store(drive, ['a=1', 'b=2', 'a=3']);
  expect(jar.headerFor(drive)).toBe('a=3; b=2');
  jar.store(drive, ['b=; Max-Age=0']);
  expect(jar.headerFor(drive)).toBe('a=3');
});

test('what is no cookie, or too much of it, is left out', () => {
  const jar = makeCookieJar();
  jar.store(drive, ['', '=x', 'no value', 'a=b\r\nx-evil: 1', `long=${'x'.repeat(5000)}`, 'ü=1']);
  expect(jar.headerFor(drive)).toBeUndefined();
  jar.store(
    drive,
    Array.from({ length: 1000 }, (_, i) => `c${i}=1`),
  );
  expect(jar.headerFor(drive)?.split('; ').length).toBeLessThanOrEqual(40);
});

test('the user’s own cookies are what a walk begins with; what Google sets on the way goes before them', () => {
  const jar = own();
  expect(jar.headerFor(drive)).toBe('SID=mine; NID=old');
  jar.store(drive, ['NID=new; Secure', 'SID=; Max-Age=0']);
  expect(jar.headerFor(docs)).toBe('NID=new');
  expect(own().headerFor(docs)).toBe('SID=mine; NID=old');
});

test.each([
  '/uc',
  '/open',
  '/download',
  '/file/d/id42/view',
  '/u/1/uc',
  '/a/lab.example/uc',
  '/a/lab.example/u/0/open',
])('the user’s own cookies go where Drive hands out files: %s', (path) => {
  expect(own().headerFor(new URL(path, drive))).toBe('SID=mine; NID=old');
});

test.each([
  'https://docs.google.com/u/0/logout',
  'https://docs.google.com/a/x/forms/d/e/EVIL/formResponse?submit=Submit',
  'https://docs.google.com/a/x/forms/uc',
  'https://drive.google.com/uc/x',
  'https://drive.google.com/drive/folders/x',
  'https://mail.google.com/uc',
  'https://google.com/uc',
])('the user’s own cookies do nothing at %s', (url) => {
  const jar = own();
  expect(jar.headerFor(new URL(url))).toBeUndefined();
  expect(jar.headerFor(drive)).toBe('SID=mine; NID=old');
});

test('the user’s own cookies of a host of signed links go there', () => {
  const jar = makeCookieJar(
    parseCookieFile(`${signed.hostname}\tFALSE\t/\tTRUE\t0\tAUTH\tmine`, 0) as SavedCookies,
  );
  expect(jar.headerFor(signed)).toBe('AUTH=mine');
});

test.each([
  'https://mirror.example/',
  'http://drive.google.com/uc',
  'https://google.com.example/',
  'https://1-2-3-4.bc.googleusercontent.com/x',
])('the user’s own cookies are sent no more once a walk was at %s', (url) => {
  const jar = own();
  expect(jar.headerFor(new URL(url))).toBeUndefined();
  expect(jar.headerFor(drive)).toBeUndefined();
  jar.store(drive, ['a=1']);
  expect(jar.headerFor(docs)).toBe('a=1');
});

test('whatever a server sets, no other site hears of it, and what goes back is one plain header', () => {
  const part = fc.constantFrom(
    ...[
      'a=1',
      'b=',
      '=',
      ';',
      '; ',
      'Domain=.example.org',
      'Domain=google.com',
      'Domain=com',
      'Path=/',
      'Max-Age=0',
    ],
    ...[
      'Max-Age=-1',
      'Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      '\r\nx-evil: 1',
      '\0',
      'ü',
      '"',
      ',',
      '__proto__=1',
    ],
  );
  const lines = fc.array(
    fc.oneof(
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
      fc.string(),
    ),
    {
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(
      lines,
      fc.constantFrom(drive, signed, new URL('https://evil.example/')),
      (setCookies, from) => {
        const jar = makeCookieJar();
        jar.store(from, setCookies);
        const elsewhere = ['https://evil.example/', 'https://example.org/', 'https://google.com.example/'];
        for (const url of elsewhere) expect(jar.headerFor(new URL(url))).toBeUndefined();
        if (from !== signed) expect(jar.headerFor(otherSigned)).toBeUndefined();
        expect(jar.headerFor(from) ?? '').toMatch(/^[\x20-\x7e]*$/);
      },
    ),
    { numRuns: 1_000 },
  );
});

import { expect, test } from 'vitest';
import { makeCookieJar } from '../../../../src/activities/sources/google-drive/cookie-jar.ts';

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

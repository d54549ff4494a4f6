import { describe, expect, test } from 'vitest';
import { allowedHostOf, isAllowedUrl, parseAllowedHost } from '../../../src/domain/dataset/allowed-hosts.ts';

const allowed = (url: string, hosts: readonly string[] = []) => isAllowedUrl(new URL(url), hosts);

describe('without any entry', () => {
  test.each([
    'https://drive.google.com/uc?id=1',
    'https://docs.google.com/uc?id=1',
    'https://drive.usercontent.google.com/download?id=1',
    'https://doc-0k-8s-docs.googleusercontent.com/docs/securesc/x',
  ])('%s may be fetched', (url) => {
    expect(allowed(url)).toBe(true);
  });

  test.each([
    'http://drive.google.com/uc?id=1',
    'https://drive.google.com:8443/uc?id=1',
    'https://drive.google.com./uc?id=1',
    'https://accounts.google.com/ServiceLogin',
    'https://www.google.com/sorry/index',
    'https://googleusercontent.com/',
    'https://evilgoogleusercontent.com/',
    'https://drive.google.com.example.org/uc?id=1',
    'https://user@drive.google.com/uc?id=1',
    'https://user:secret@drive.google.com/uc?id=1',
    'ftp://drive.google.com/uc?id=1',
    'file:///etc/passwd',
    'http://127.0.0.1:8080/x',
  ])('%s may not', (url) => {
    expect(allowed(url)).toBe(false);
  });
});

describe('an entry of the user', () => {
  test('HOST:PORT permits http and https at exactly that port', () => {
    const hosts = ['127.0.0.1:8080'];
    expect(allowed('http://127.0.0.1:8080/a', hosts)).toBe(true);
    expect(allowed('https://127.0.0.1:8080/a', hosts)).toBe(true);
    expect(allowed('http://127.0.0.1:8081/a', hosts)).toBe(false);
    expect(allowed('http://127.0.0.1/a', hosts)).toBe(false);
  });

  test('HOST permits the default ports only', () => {
    const hosts = ['mirror.example'];
    expect(allowed('http://mirror.example/a', hosts)).toBe(true);
    expect(allowed('https://mirror.example:443/a', hosts)).toBe(true);
    expect(allowed('http://mirror.example:443/a', hosts)).toBe(false);
    expect(allowed('http://mirror.example:8080/a', hosts)).toBe(false);
  });

  test('HOST:80 permits the URL that leaves its default port unsaid', () => {
    expect(allowed('http://mirror.example/a', ['mirror.example:80'])).toBe(true);
    expect(allowed('https://mirror.example/a', ['mirror.example:80'])).toBe(false);
  });

  test('covers no subdomain and no credentials', () => {
    expect(allowed('http://a.mirror.example/', ['mirror.example'])).toBe(false);
    expect(allowed('http://user:secret@mirror.example/', ['mirror.example'])).toBe(false);
  });

  test('permits what allowedHostOf says of a URL, and only that', () => {
    for (const text of ['http://[::1]:9/x', 'https://mirror.example/x', 'http://mirror.example/x']) {
      expect(allowed(text, [allowedHostOf(new URL(text))])).toBe(true);
    }
    expect(allowed('http://mirror.example/', [allowedHostOf(new URL('https://mirror.example/'))])).toBe(
      false,
    );
  });
});

describe('parseAllowedHost', () => {
  test.each([
    ['Mirror.Example', 'mirror.example'],
    ['mirror.example:80', 'mirror.example:80'],
    ['mirror.example:0443', 'mirror.example:443'],
    ['127.0.0.1:8080', '127.0.0.1:8080'],
    ['[::1]:8080', '[::1]:8080'],
    ['[0:0::1]', '[::1]'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['localhost', 'localhost'],
  ])('%s is %s', (text, normalized) => {
    expect(parseAllowedHost(text)).toBe(normalized);
    expect(parseAllowedHost(normalized)).toBe(normalized);
  });

  test.each([
    '',
    ' ',
    ':80',
    'http://mirror.example',
    'mirror.example/',
    'mirror.example:',
    'mirror.example:0',
    'mirror.example:65536',
    'mirror.example:http',
    'user@mirror.example',
    '*.mirror.example',
    '*',
    '::1',
    'a b',
    'mirror.example?x',
    'a%2eb',
  ])('%j is refused', (text) => {
    expect(parseAllowedHost(text)).toBeUndefined();
  });
});

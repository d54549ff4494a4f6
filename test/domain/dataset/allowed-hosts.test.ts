import fc from 'fast-check';
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

  test('HOST leads from https to http at no port that the user has not named', () => {
    const led = (to: string, from: string, host: string) => isAllowedUrl(new URL(to), [host], new URL(from));
    for (const host of ['mirror.example', 'mirror.example:443']) {
      expect(led('http://mirror.example/a', 'https://mirror.example/a', host)).toBe(false);
      expect(led('http://mirror.example/a', 'https://drive.google.com/uc', host)).toBe(false);
      expect(led('https://mirror.example/b', 'https://mirror.example/a', host)).toBe(true);
    }
    expect(led('http://mirror.example/b', 'http://mirror.example/a', 'mirror.example')).toBe(true);
    expect(led('http://mirror.example/b', 'https://mirror.example/a', 'mirror.example:80')).toBe(true);
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

/** Places that a server on the way would like to have asked for its sake. */
const targets = [
  ...['http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://0177.0.0.1/'],
  ...['http://0/', 'http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://localhost/', 'http://localhost./'],
  ...['http://169.254.169.254/latest/meta-data/', 'http://metadata.google.internal/', 'http://10.0.0.1/'],
  ...['http://192.168.0.1/', 'https://127.0.0.1:8233/', 'http://user@169.254.169.254/', '//169.254.169.254/'],
  ...['\\\\169.254.169.254\\x', 'http:\\\\169.254.169.254', 'http://mirror.example@169.254.169.254/'],
  ...['http://mirror.example#@169.254.169.254/', 'http://mirror.example.evil.example/', 'file:///etc/passwd'],
  ...[
    'gopher://127.0.0.1/',
    'data:,x',
    'ftp://127.0.0.1/',
    'http://①②⑦.⓪.⓪.①/',
    'http://mirror。example:22/',
  ],
];

test('whatever a redirect leads to, only Drive by https and what the user named are asked', () => {
  const bases = [
    'https://drive.google.com/uc?id=1',
    'https://mirror.example/a',
    'http://mirror.example:8080/a',
  ];
  const hosts = ['mirror.example:8080', 'mirror.example:443'];
  for (const base of bases) {
    for (const target of targets) {
      if (!URL.canParse(target, base)) continue;
      const url = new URL(target, base);
      const isNamed = ['mirror.example:8080', 'mirror.example'].includes(url.host);
      expect([target, isAllowedUrl(url, hosts, new URL(base)) && !isNamed]).toEqual([target, false]);
    }
  }
});

test('of spellings of hosts made at random none leads past the list', () => {
  const part = fc.constantFrom(
    ...[
      'drive.google.com',
      'mirror.example',
      '169.254.169.254',
      '@',
      ':',
      '#',
      '?',
      '/',
      '\\',
      '%2e',
      '.',
      'a',
      ':443',
      ':80',
    ],
  );
  fc.assert(
    fc.property(fc.constantFrom('http://', 'https://'), fc.array(part, { maxLength: 6 }), (scheme, parts) => {
      const text = scheme + parts.join('');
      if (!URL.canParse(text) || !isAllowedUrl(new URL(text), ['mirror.example:443'])) return;
      expect(new URL(text).origin).toMatch(
        /^(https:\/\/drive\.google\.com|https:\/\/mirror\.example|http:\/\/mirror\.example:443)$/,
      );
    }),
    { numRuns: 10_000 },
  );
});

import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseCookieFile, SavedCookies } from '../../../src/domain/network/cookie-file.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { cookieFiles } from '../../fuzz/laws/network/cookie-files.ts';

const NOW = 1_000_000;
const line = (...fields: (string | number)[]) => fields.join('\t');
const sid = line('.google.com', 'TRUE', '/', 'TRUE', 2_000, 'SID', 'abc');

function read(...lines: string[]): SavedCookies {
  const file = parseCookieFile(lines.join('\n'), NOW);
  if (file instanceof SavedCookies) return file;
  throw new Error(file.problem);
}
const sent = (cookies: SavedCookies, url: string, now = NOW) =>
  [...cookies.for(new URL(url), now)].map(([name, value]) => `${name}=${value}`).join('; ');

describe('a cookie file', () => {
  test('is read as browsers and their add-ons write it', () => {
    const cookies = read(
      '\ufeff# Netscape HTTP Cookie File\r',
      '# https://curl.se/docs/http-cookies.html\r',
      '\r',
      `${sid}\r`,
      `#HttpOnly_${line('drive.google.com', 'FALSE', '/', 'TRUE', 0, '__Secure-x', 'a=b,"c"')}`,
      line('.google.com', 'TRUE', '/', 'FALSE', '1999999999.25', 'NID', '511=x'),
      line('.google.com', 'TRUE', '/', 'FALSE', -1, 'session', '1'),
      line('.google.com', 'TRUE', '/', 'FALSE', 0, 'empty', ''),
      line('.bank.example', 'TRUE', '/', 'TRUE', 'x', 'secret cookie', 'ü'),
    );
    expect(sent(cookies, 'https://drive.google.com/uc')).toBe(
      'SID=abc; NID=511=x; session=1; __Secure-x=a=b,"c"',
    );
    expect(sent(cookies, 'https://docs.google.com/uc')).toBe('SID=abc; NID=511=x; session=1');
  });

  test.each([
    ['nothing', '', /expected cookies of google.com, got none/],
    ['JSON', '[{"name":"SID"}]', /Netscape format \(cookies.txt\), got JSON/],
    ['other sites alone', line('.bank.example', 'TRUE', '/', 'TRUE', 0, 'a', 'b'), /got none/],
    ['no tabs', `${sid}\nSID=abc; HSID=secret`, /expected 7 fields .* got 1 in line 2/],
    ['a cookie with a line break of its own', sid.replace('abc', 'a\u0000bc'), /value .* in line 1/],
    ['a name that is none', sid.replace('SID', 'S ID'), /name, got something else in line 1/],
    ['an expiry that is none', sid.replace('2000', 'soon'), /expiry in seconds/],
    ['a path that is none', sid.replace('/', 'x'), /expected a path/],
    ['expired cookies alone', sid.replace('2000', '999'), /still good, got 1 of Google's, all expired/],
    ['too many of them', Array(101).fill(sid).join('\n'), /at most 100 cookies/],
    [
      'too many bytes of them',
      Array(5)
        .fill(sid.replace('abc', 'x'.repeat(4_000)))
        .join('\n'),
      /16384 bytes/,
    ],
    ['too many lines', '#\n'.repeat(10_001), /at most 10000 lines/],
  ])('with %s is refused, and nothing of it is repeated', (_, text, problem) => {
    const file = parseCookieFile(text, NOW);
    expect(file).toMatchObject({ problem: expect.stringMatching(problem) });
    expect(JSON.stringify(file)).not.toMatch(/secret|abc/);
  });

  test('shows no cookie to whatever prints it', () => {
    const cookies = read(sid);
    expect(
      `${JSON.stringify({ cookies })}${inspect({ cookies }, { depth: 9, showHidden: true })}`,
    ).not.toContain('abc');
  });
});

describe('a cookie goes', () => {
  test.each([
    'http://drive.google.com/uc',
    'https://google.com.example/',
    'https://evilgoogle.com/',
    'https://mirror.example/google.com',
    'https://doc-1-docs.googleusercontent.com/',
    'https://www.google.de/',
  ])('not to %s', (url) => {
    const cookies = read(sid, line('.googleusercontent.com', 'TRUE', '/', 'TRUE', 0, 'all', '1'));
    expect(sent(cookies, url)).toBe('');
  });

  test('below its path, to hosts that its domain covers, and until it expires', () => {
    const cookies = read(
      line('docs.google.com', 'FALSE', '/uc', 'TRUE', 2_000, 'a', '1'),
      line('doc-1-docs.googleusercontent.com', 'FALSE', '/', 'TRUE', 0, 'b', '2'),
    );
    expect(sent(cookies, 'https://docs.google.com/uc/x')).toBe('a=1');
    expect(sent(cookies, 'https://docs.google.com/ucx')).toBe('');
    expect(sent(cookies, 'https://x.docs.google.com/uc')).toBe('');
    expect(sent(cookies, 'https://docs.google.com/uc', 2_000_000)).toBe('');
    expect(sent(cookies, 'https://doc-1-docs.googleusercontent.com/x')).toBe('b=2');
    expect(sent(cookies, 'https://doc-2-docs.googleusercontent.com/x')).toBe('');
  });

  test('once by its name: the one that was made for fewer hosts', () => {
    const cookies = read(line('drive.google.com', 'FALSE', '/', 'TRUE', 0, 'SID', 'near'), sid);
    expect(sent(cookies, 'https://drive.google.com/uc')).toBe('SID=near');
    expect(sent(cookies, 'https://docs.google.com/uc')).toBe('SID=abc');
  });
});

test('whatever the file is, it is read or refused in a sentence, and Google alone gets what is in it', () =>
  expectLaw(cookieFiles));

import { parseFragment } from 'parse5';
import { expect, test } from 'vitest';
import { escaped, html, isolated, linkedHtml, plainAddress } from '../../../src/domain/quoting/html.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { quotedHtml } from '../../fuzz/laws/quoting-files.ts';

test('whatever strangers wrote is a text, in an element and in an attribute', () => expectLaw(quotedHtml));

test('a name that runs from right to left stays, and turns nothing beside it', () => {
  expect(isolated('דנה כהן', 80)).toBe('<bdi>דנה כהן</bdi>');
  expect(isolated('a\u202eb\u0000', 80)).toBe('<bdi>a\\u202eb\\x00</bdi>');
  expect(escaped(`<a href='x' title="y">&amp;\``)).toBe(
    '&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;amp;&#96;',
  );
});

test.each([
  'https://www.flickr.com/photos/12345678@N00/123456/',
  'http://creativecommons.org/licenses/by/2.0/',
  'https://example.org:8443/a?b=c&d=%20#e',
  'https://example.org',
])('an address in its plain form becomes a link: %s', (address) => {
  expect(plainAddress(address)).toBe(address);
  const link = parseFragment(linkedHtml('x', address, 9)).childNodes[0];
  expect(link).toMatchObject({ tagName: 'a', attrs: [{ name: 'href', value: address }, { name: 'rel' }] });
});

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt://example.org/%0aalert(1)',
  'data:text/html,x',
  '//example.org/',
  'ftp://example.org/',
  'https://user@example.org/',
  'https://user:pass@example.org/',
  'https://example.org/"onclick="x',
  "https://example.org/'",
  'https://example.org/a b',
  'https://example.org/(a)',
  'https://example.org/<b>',
  'https://ex\u0430mple.org/',
  'https://example.org/\u202e',
  'https://[::1]/',
  'https://.example.org/',
  ' https://example.org/',
  'https://example.org/\n',
  `https://example.org/${'a'.repeat(2_000)}`,
  '',
])('another one stays a text: %j', (address) => {
  expect(plainAddress(address)).toBeUndefined();
  expect(linkedHtml('x', address, 9)).toBe('<bdi>x</bdi>');
});

test('HTML of our own holds parts that are HTML, and numbers', () => {
  expect(html`<p>${isolated('<b>', 9)} ${3}</p>`).toBe('<p><bdi>&lt;b&gt;</bdi> 3</p>');
});

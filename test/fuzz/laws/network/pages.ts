import fc from 'fast-check';
import { readDrivePage } from '../../../../src/activities/sources/google-drive/page.ts';
import { collectPage } from '../../../../src/activities/sources/google-drive/page-elements.ts';
import { MOST_SKETCH, sketchPage } from '../../../../src/activities/sources/google-drive/page-sketch.ts';
import { confirmPages, quotaPages } from '../../../../src/stand-in/behaviours.ts';
import * as pages from '../../../../src/stand-in/pages.ts';
import { hostileText } from '../../../support/hostile-text.ts';
import { hostileBytes, spoilt } from '../../hostile/bytes.ts';
import { law } from '../../law.ts';

const base = new URL('https://drive.google.com/uc?id=1AbC');
const target = {
  id: '1AbC',
  name: 'a.zip',
  size: 126_000_000,
  uuid: '01234567-89ab-cdef-0123-456789abcdef',
  token: 'x_Yz',
};

/** Every look that Drive's pages have had. */
const validPages: readonly string[] = [
  ...confirmPages.map((look) => pages.confirmPage(look, target)),
  ...quotaPages.map(pages.quotaPage),
  ...[pages.infectedPage, pages.requestAccessPage, pages.loginPage, pages.sorryPage, pages.captchaPage],
  ...[pages.missingPage, pages.stalePage, pages.unknownPage],
];

const tagNames = ['font', 'p', 'form', 'input', 'a', 'table', 'title', 'script', 'style', 'svg', 'template'];
const tags = fc.constantFrom(
  ...tagNames,
  'select',
  'math',
  'plaintext',
  'xmp',
  'noscript',
  '__proto__',
  'constructor',
);
const names = fc.constantFrom(
  'id',
  'href',
  'action',
  'name',
  'value',
  'type',
  'class',
  '__proto__',
  '"',
  '=',
  '\0',
);
const values = fc.oneof(
  hostileText,
  fc.constantFrom(
    'download-form',
    'hidden',
    '/uc?confirm=t',
    'uc-error-caption',
    'captcha-form',
    'http://[',
    '//x@y:99999/',
  ),
  fc.constantFrom(
    'javascript:1',
    'file:///x',
    'https://accounts.google.com/',
    'data:,x',
    '\\\\x\\y',
    'https://evil.example/uc?confirm',
  ),
);
const start = fc
  .tuple(tags, fc.array(fc.tuple(names, values), { maxLength: 4 }))
  .map(([tag, fields]) => `<${tag} ${fields.map(([name, value]) => `${name}="${value}"`).join(' ')}>`);
const end = tags.map((tag) => `</${tag}>`);
const script = values.map((value) => `<script>{"downloadUrl":${JSON.stringify(value)}}</script>`);
const text = fc.oneof(
  hostileText,
  fc.constantFrom('&notit;', '&#0;', '&#x110000;', '<!--', ']]>', '<![CDATA[', '<!DOCTYPE'),
);

/** A piece of a page, and how often it stands there. */
const piece = fc.record({
  html: fc.oneof(start, end, script, text),
  times: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.constantFrom(40, 3_000)),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
});

export const hostilePage = fc.record({
  of: fc.option(fc.nat(validPages.length - 1)),
  pieces: fc.array(piece, { maxLength: 30 }),
  bytes: hostileBytes(),
});

/** As a page is read at most. */
const MOST = 128 * 1024;

export function pageOf({
  of,
  pieces,
  bytes,
}: typeof hostilePage extends fc.Arbitrary<infer Value> ? Value : never): Buffer {
  let html = of === null ? '' : (validPages[of] ?? '');
  for (const { html: more, times, at } of pieces) {
    const place = Math.floor(at * html.length);
    html = `${html.slice(0, place)}${more.repeat(times)}${html.slice(place)}`.slice(0, MOST);
  }
  return spoilt(Buffer.from(html), bytes);
}

export const drivePages = law('drive-pages', 150, hostilePage, (one) => {
  const page = readDrivePage(pageOf(one).toString(), { url: base, status: 200 });
  if (!/^.{0,80}$/u.test(page.title))
    throw new Error(`title: expected a short line, got ${JSON.stringify(page.title)}`);
  if (page.kind === 'confirm' && page.url.href.length > 4 * MOST)
    throw new Error('url: expected no more than the page has');
});

/** Signs that no name, address, token or query value can do without, and what no terminal may see. */
export const pageSketches = law('page-sketches', 150, hostilePage, (one) => {
  const page = collectPage(pageOf(one).toString());
  const sketch = sketchPage(page, { url: base, status: 200 });
  if (sketch.length > MOST_SKETCH) throw new Error(`sketch: expected a short one, got ${sketch.length}`);
  if (!/^[\x20-\x7e\n]*$/.test(sketch) || /[@%\\]|\d{4}/.test(sketch))
    throw new Error(`sketch: expected everyday words, got ${JSON.stringify(sketch)}`);
});

import fc from 'fast-check';
import { type DefaultTreeAdapterMap, parseFragment } from 'parse5';
import { csvLine } from '../../../src/domain/quoting/csv.ts';
import { escaped, html, linkedHtml } from '../../../src/domain/quoting/html.ts';
import { inline, linked, markdown } from '../../../src/domain/quoting/markdown.ts';
import { quoted, quotedLine } from '../../../src/domain/quoting/quoted.ts';
import { hostileText } from '../../support/hostile-text.ts';
import { law } from '../law.ts';

const twoTexts = fc.record({ a: hostileText, b: hostileText });

function expectSame(what: string, got: unknown, expected: unknown): void {
  const [gotJson, expectedJson] = [JSON.stringify(got), JSON.stringify(expected)];
  if (gotJson !== expectedJson) throw new Error(`${what}: expected ${expectedJson}, got ${gotJson}`);
}

export const quotedHtml = law('quoted-html', 1_000, twoTexts, ({ a, b }) => {
  const made = html`<p title="${escaped(a)}">${escaped(b)}</p>${linkedHtml(a, b, 99)}<i></i>`;
  const [p, link, last, ...more] = parseFragment(made).childNodes as DefaultTreeAdapterMap['element'][];
  expectSame('attributes', p?.attrs, [{ name: 'title', value: quoted(a) }]);
  expectSame('text', textOf(p), quoted(b));
  expectSame('text of a link', textOf(link), quotedLine(a, 99));
  expectSame('elements', [p?.tagName, last?.tagName, more.length], ['p', 'i', 0]);
});

export const quotedCsv = law('quoted-csv', 1_000, twoTexts, ({ a, b }) => {
  const line = csvLine([a, 7, b]);
  const fields = [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, field = '']) => field.replaceAll('""', '"'));
  expectSame('lines', line.split(/[\r\n]+/).length, 2);
  for (const [at, text] of [a, b].entries()) {
    const field = fields[at] ?? '';
    if (/(^|;)[\s']*[=+\-@＝＋－＠]/.test(field.replace(/(^|;)'/g, '$1!')))
      throw new Error(`field: expected no formula, got ${JSON.stringify(field)}`);
    expectSame('field', field.replaceAll("'", ''), quoted(text).replaceAll("'", ''));
  }
});

export const quotedInline = law('quoted-inline', 2_000, twoTexts, ({ a, b }) => {
  for (const text of [inline(a, 200), linked(a, b, 200)]) {
    const label = /^\[(.*)\]\(https?:[^()\s<>]+\)$/.exec(text)?.[1] ?? text;
    // An escape is a character without a meaning.
    const active = label.replaceAll('\\@<!-- -->', '%').replace(/\\[!-/:-@[-`{-~]/g, '%');
    if (/[\\`*_~[\]<>&|{}#$^@\n]|:\/\/|www\.|\.\p{L}|^[ \t]|^\d*[-+=.):]/iu.test(active))
      throw new Error(`markdown: expected nothing active, got ${JSON.stringify(text)}`);
  }
  if (markdown`${inline(a, 9)}`.includes('\n')) throw new Error('markdown: expected one line');
});

function textOf(node: DefaultTreeAdapterMap['node'] | undefined): string {
  if (node === undefined) return '';
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

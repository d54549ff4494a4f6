import fc from 'fast-check';
import { code, fenced, markdown, shown } from '../../../src/domain/quoting/markdown.ts';
import { quoted, quotedJson, quotedLine } from '../../../src/domain/quoting/quoted.ts';
import { hostileText } from '../../support/hostile-text.ts';
import { expectOnlyOurs } from '../../support/only-our-markdown.ts';
import { law } from '../law.ts';

const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

function expectPrintable(text: string): void {
  if (UNPRINTABLE.test(text)) throw new Error(`text: expected it printable, got ${JSON.stringify(text)}`);
}

export const quotedText = law('quoted-text', 2_000, hostileText, (text) => {
  const shownText = quoted(text);
  expectPrintable(shownText);
  if (quoted(shownText) !== shownText)
    throw new Error(`quoted again: expected the same, got ${quoted(shownText)}`);
});

export const quotedLines = law(
  'quoted-lines',
  2_000,
  fc.record({ text: hostileText, most: fc.integer({ min: 8, max: 60 }) }),
  ({ text, most }) => {
    const line = quotedLine(text, most);
    expectPrintable(line);
    if (line.length > most) throw new Error(`line: expected at most ${most} characters, got ${line.length}`);
    const whole = quotedLine(text, Number.MAX_SAFE_INTEGER);
    if (line === whole) return;
    if (!line.endsWith('...') || !whole.startsWith(line.slice(0, -3)))
      throw new Error(`line: expected the beginning of ${whole}, got ${line}`);
  },
);

const members = fc.dictionary(hostileText, fc.oneof(hostileText, fc.array(hostileText), fc.double()));

export const quotedValues = law('quoted-json', 1_000, members, (value) => {
  const json = quotedJson(value);
  expectPrintable(json);
  const [said, meant] = [JSON.parse(json) as unknown, JSON.parse(JSON.stringify(value)) as unknown];
  if (JSON.stringify(said) !== JSON.stringify(meant))
    throw new Error(`JSON: expected what was meant, got ${json}`);
});

export const quotedMarkdown = law(
  'quoted-markdown',
  2_000,
  fc.record({ a: hostileText, b: hostileText }),
  ({ a, b }) => {
    const text = markdown`- from ${shown(a)}: **${shown(b)}** in ${code(a)}`;
    if (text.includes('\n')) throw new Error(`markdown: expected one line, got ${text}`);
    expectOnlyOurs(text);
    expectOnlyOurs(markdown`${fenced([a, b])}`);
  },
);

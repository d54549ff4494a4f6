import { expect, test } from 'vitest';
import { quoted, quotedJson, quotedLine } from '../../../src/domain/quoting/quoted.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { quotedLines, quotedText, quotedValues } from '../../fuzz/laws/quoting.ts';

test.each([
  ['\u001b[2J', '\\x1b[2J'],
  ['\u009b31m', '\\x9b31m'],
  ['\u202etxt.exe', '\\u202etxt.exe'],
  ['a\r\nb\tc', 'a\\r\\nb\\tc'],
  ['\u0000\u007f\u0085', '\\x00\\x7f\\x85'],
  ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['\ud800x\udfff', '\\ud800x\\udfff'],
  ['\u{e0041}', '\\u{e0041}'],
])('%j is written out as %s', (text, shown) => {
  expect(quoted(text)).toBe(shown);
});

test.each([
  "Côte d'Ivoire",
  'C:\\Users\\ann "quoted" `and` <ticked>',
  '日本語 עברית العربية हिन्दी',
  'e\u0301 \u00a0 \u3000 😀🇫🇷',
  '',
])('printable text stays character for character: %s', (text) => {
  expect(quoted(text)).toBe(text);
});

test('whatever is quoted is printable, and quoting it again changes nothing', () => expectLaw(quotedText));

test('a line of at most so many characters holds whole characters and whole escapes, and says when it goes on', async () => {
  await expectLaw(quotedLines);
  expect(quotedLine('\u001b'.repeat(1_000_000), 20)).toBe('\\x1b\\x1b\\x1b\\x1b...');
});

test('JSON is printable, stands on one line, and means what it meant', async () => {
  await expectLaw(quotedValues);
  expect(quotedJson({ a: '\u009b\u202e\u{e0041}é' })).toBe('{"a":"\\u009b\\u202e\\udb40\\udc41é"}');
});

test('what is no text after all, because another program answered, is shown as JSON', () => {
  const answer = { toString: 1, text: '\u001b' } as unknown as string;
  expect(quoted(answer)).toBe('{"toString":1,"text":"\\u001b"}');
  expect(quotedLine(undefined as unknown as string, 20)).toBe('nothing');
});

test('what is nested deeper than JSON can be written is named as that', () => {
  const deep = JSON.parse(`${'['.repeat(400_000)}${']'.repeat(400_000)}`) as object;
  expect(quotedJson({ deep })).toBe('{"nestedTooDeep":true}');
  expect(quoted(deep as unknown as string)).toBe('{"nestedTooDeep":true}');
});

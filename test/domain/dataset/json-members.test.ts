import { describe, expect, test } from 'vitest';
import { JsonMembers } from '../../../src/domain/dataset/json-members.ts';

/** Keys and values as texts, from a text that comes in pieces of so many bytes. */
function membersOf(text: string, pieceBytes: number): { found: [string, string][]; isOver: boolean } {
  const all = Buffer.from(text);
  const members = new JsonMembers();
  const found: [string, string][] = [];
  let rest = Buffer.alloc(0);
  for (let at = 0; at < all.length; at += pieceBytes) {
    const bytes = Buffer.concat([rest, all.subarray(at, at + pieceBytes)]);
    const from = members.take(bytes, (keyFrom, keyTo, valueFrom, valueTo) => {
      found.push([bytes.toString('utf8', keyFrom, keyTo), bytes.toString('utf8', valueFrom, valueTo)]);
    });
    rest = Buffer.from(bytes.subarray(from));
  }
  return { found, isOver: members.isOver };
}

const texts = [
  '{}',
  ' { "0" : { "a": [1, {"b": "}]"}], "c\\"": "\\\\" } , "1":[],"2":"x\\"y","3":-1.5e3 ,"4":null}\n',
  '{"größe":{"ü":"€ 😀"},"\\u0041":true}',
  '{"a":12,"b":{"c":{}}}',
];

describe('the members of an object', () => {
  for (const text of texts) {
    test(`are those that a JSON parser finds, however the text is cut: ${text.trim().slice(0, 30)}`, () => {
      const expected = Object.entries(JSON.parse(text) as object);
      for (let pieceBytes = 1; pieceBytes <= text.length + 4; pieceBytes++) {
        const { found, isOver } = membersOf(text, pieceBytes);
        expect(found.map(([key, value]) => [JSON.parse(key), JSON.parse(value)])).toEqual(expected);
        expect(isOver).toBe(true);
      }
    });
  }
});

test.each([
  ['[1]', /^an array$/],
  ['ffhq', /^"f" in place of an opening brace$/],
  ['{"a" 1}', /^"1" in place of a colon$/],
  ['{"a":,"b":1}', /^"," in place of a value$/],
  ['{"a":1 "b":2}', /in place of a comma or the closing brace$/],
  ['{"a":1,}', /^"}" in place of a key$/],
  ['{"a":1}{', /^"{" in place of the end$/],
  ['\u0000', /^byte 0 in place of an opening brace$/],
])('%s is no object, at the byte that says so', (text, reason) => {
  for (const pieceBytes of [1, 2, 100]) expect(() => membersOf(text, pieceBytes)).toThrow(reason);
});

test('a text that ends in the middle is not over', () => {
  const [, text = ''] = texts;
  for (let length = 1; length < text.trimEnd().length; length++)
    expect(membersOf(text.slice(0, length), 7).isOver).toBe(false);
});

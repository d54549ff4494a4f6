/**
 * What strangers wrote (a manifest, a host, a file name, whoever starts workflows on the same server) as printable text.
 * Controls, C1, bidi controls, line and paragraph separators, lone surrogates and whatever Unicode has no picture for
 * are written out, such as `\x1b` and `\u202e`, so that a person sees that they were there and no terminal obeys them.
 */

/** Everything that is no character with a picture of its own; a lone surrogate is of the category C, too. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Printable text stays character for character. What only claims to be a text, such as a part of a foreign answer, is shown as JSON. */
export function quoted(text: string): string {
  return textOf(text).replace(UNPRINTABLE, visible);
}

/** The same as one line of at most `most` characters, for a part of a message: spaces and line breaks become one space each. */
export function quotedLine(text: string, most: number): string {
  const line = textOf(text)
    .replace(/[ \t\r\n]+/g, ' ')
    .replace(/^ | $/g, '');
  if (line.length <= most && line.search(UNPRINTABLE) === -1) return line;
  let whole = '';
  let short = '';
  for (const character of line) {
    whole += quoted(character);
    if (whole.length > most) return `${short}...`;
    if (whole.length <= most - 3) short = whole;
  }
  return whole;
}

/** JSON for programs and for people who look at it: on one line, and what {@link quoted} writes out stands there as `\uXXXX`. */
export function quotedJson(value: unknown): string {
  return quotedInJson(jsonOf(value) ?? 'null');
}

/** Of JSON on one line: it means the same, and is printable. */
export function quotedInJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    character
      .split('')
      .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
      .join(''),
  );
}

/** Answers of others may be nested deeper than JSON can be written. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return '{"nestedTooDeep":true}';
    throw error;
  }
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const short = { 9: '\\t', 10: '\\n', 13: '\\r' }[code];
  if (short !== undefined) return short;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 0)}}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** Types end where an answer comes from somebody else's program. */
function textOf(text: unknown): string {
  return typeof text === 'string' ? text : (jsonOf(text) ?? 'nothing');
}

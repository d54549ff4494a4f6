import { parseMd5 } from '../dataset/ids.ts';

/** Names that are looked for one by one: more would take hours in a folder of many texts. */
const MOST_NAMES = 2_000;

/** Longer ones stand at the border of two pieces of a text, and are missed. */
export const LONGEST_WORD = 2_000;

/** Shorter names stand in other words: they count where they stand alone. Names of other scripts are short. */
const SHORTEST_NAME = 4;
const SHORTEST_ALONE = 2;

const TOKENS =
  /[0-9a-fA-F]{32,}|https?:\/\/[^\s"'<>\\,()[\]]+|[A-Za-z0-9_.-]+(?:(?:\/|\\{1,2})[A-Za-z0-9_.-]+)+/g;

/** Finds in a text what tells of records that went: paths, digests and addresses by what they look like, names one by one. */
export class TellingWords {
  readonly #tokens = new Set<string>();
  readonly #names: readonly string[];
  readonly #alone: readonly RegExp[];

  constructor(words: Iterable<string>) {
    const names = new Set<string>();
    for (const word of words) {
      // What a text would not hold in one piece is looked for like a name.
      const isToken = parseMd5(word) !== undefined || (word.includes('/') && isOnePiece(word));
      if (isToken) this.#tokens.add(word.replace(/\/+$/, ''));
      else if (word.length >= SHORTEST_ALONE && names.size < MOST_NAMES) names.add(word);
    }
    const isShort = (name: string) => name.length < SHORTEST_NAME && !/[^\p{Script=Latin}\P{L}]/u.test(name);
    this.#names = [...new Set([...names].filter((name) => !isShort(name)).flatMap(spellingsOf))];
    this.#alone = [...names]
      .filter(isShort)
      .map((name) => new RegExp(`(?<![\\p{L}\\p{N}])${escapedRegExp(name)}(?![\\p{L}\\p{N}])`, 'u'));
  }

  isIn(text: string): boolean {
    for (const [token] of text.matchAll(TOKENS)) if (this.#has(token)) return true;
    return this.#names.some((name) => text.includes(name)) || this.#alone.some((name) => name.test(text));
  }

  /** A path may stand behind another one, an address before the end of a sentence. */
  #has(token: string): boolean {
    const plain = /^[0-9A-F]+$/i.test(token)
      ? token.toLowerCase()
      : token.replaceAll(/\\+/g, '/').replace(/[/.;:]+$/, '');
    if (this.#tokens.has(plain)) return true;
    const parts = plain.split('/');
    return parts.length > 3 && this.#tokens.has(parts.slice(-3).join('/'));
  }
}

function isOnePiece(word: string): boolean {
  return !word.includes('&') && [...word.matchAll(TOKENS)].some(([token]) => token === word);
}

/** As JSON, HTML, CSV and Markdown have it. */
function spellingsOf(name: string): readonly string[] {
  const html = name
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
  const markdown = name.replace(/[\\`*_{}[\]()#+.!|<>~-]/g, '\\$&');
  const json = JSON.stringify(name).slice(1, -1);
  // As Python writes it.
  const ascii = json.replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return [name, json, ascii, html, name.replaceAll('"', '""'), markdown];
}

function escapedRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

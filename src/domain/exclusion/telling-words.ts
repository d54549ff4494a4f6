import { parseMd5 } from '../dataset/ids.ts';

/** Names that are looked for one by one: more would take hours in a folder of many texts. */
const MOST_NAMES = 2_000;

/** Longer ones stand at the border of two pieces of a text, and are missed. */
export const LONGEST_WORD = 2_000;

/** Shorter names stand in other words, and prove nothing. */
const SHORTEST_NAME = 4;

const TOKENS = /[0-9a-f]{32,}|https?:\/\/[^\s"'<>\\,()[\]]+|[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)+/g;

/** Finds in a text what tells of records that went: paths, digests and addresses by what they look like, names one by one. */
export class TellingWords {
  readonly #tokens = new Set<string>();
  readonly #names: readonly string[];

  constructor(words: Iterable<string>) {
    const names = new Set<string>();
    for (const word of words) {
      // What a text would not hold in one piece is looked for like a name.
      const isToken = parseMd5(word) !== undefined || (word.includes('/') && isOnePiece(word));
      if (isToken) this.#tokens.add(word.replace(/\/+$/, ''));
      else if (word.length >= SHORTEST_NAME && names.size < MOST_NAMES) names.add(word);
    }
    this.#names = [...new Set([...names].flatMap(spellingsOf))];
  }

  isIn(text: string): boolean {
    for (const [token] of text.matchAll(TOKENS)) if (this.#has(token)) return true;
    return this.#names.some((name) => text.includes(name));
  }

  /** A path may stand behind another one, an address before the end of a sentence. */
  #has(token: string): boolean {
    const plain = token.replace(/[/.;:]+$/, '');
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
  return [name, JSON.stringify(name).slice(1, -1), html, name.replaceAll('"', '""'), markdown];
}

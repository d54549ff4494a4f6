/** Finds the members of one large JSON object in a text that comes in pieces, without reading their values. */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** What may come next outside of keys and values. */
type Place = 'object' | 'first key' | 'key' | 'colon' | 'value' | 'comma' | 'end';

/** Texts of a member's key and value, as they stand in the bytes: each is for a JSON parser to judge. */
export type OnMember = (keyFrom: number, keyTo: number, valueFrom: number, valueTo: number) => void;

/** The text is not an object; `got` says what stands there instead. */
class JsonMembersError extends Error {
  override readonly name = 'JsonMembersError';
}

/**
 * Walks over the text once. Only what parts the members is looked at: strings, and how deep brackets are. Everything
 * between is handed on unread, so a value's own faults are found by whoever parses it.
 */
export class JsonMembers {
  #place: Place = 'object';
  /** Where the bytes go on that were looked at already. */
  #at = 0;
  #keyFrom = -1;
  #keyTo = -1;
  #valueFrom = -1;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #isScalar = false;

  get isOver(): boolean {
    return this.#place === 'end';
  }

  /**
   * Looks at `bytes`: what the last call left (see its answer), and what came since. Answers from where on the bytes are
   * still needed.
   */
  take(bytes: Uint8Array, onMember: OnMember): number {
    while (this.#at < bytes.length) {
      if (this.#valueFrom !== -1) this.#walkValue(bytes, onMember);
      else if (this.#inString) this.#walkKey(bytes);
      else this.#step(bytes[this.#at] as number);
    }
    const from = this.#keyFrom === -1 ? bytes.length : this.#keyFrom;
    this.#at -= from;
    if (this.#keyFrom !== -1) {
      this.#keyFrom -= from;
      this.#keyTo -= from;
      if (this.#valueFrom !== -1) this.#valueFrom -= from;
    }
    return from;
  }

  #step(byte: number): void {
    const isSpace = byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    if (isSpace) {
      this.#at++;
      return;
    }
    const place = this.#place;
    if (place === 'value' && !isNoValue(byte)) {
      this.#valueFrom = this.#at;
      this.#isScalar = byte !== OPEN && byte !== OPEN_ARRAY && byte !== QUOTE;
      return;
    }
    if (place === 'object' && byte === OPEN_ARRAY) throw new JsonMembersError('an array');
    if (place === 'object' && byte === OPEN) this.#place = 'first key';
    else if ((place === 'first key' || place === 'key') && byte === QUOTE) {
      this.#keyFrom = this.#at;
      this.#inString = true;
    } else if (place === 'colon' && byte === COLON) this.#place = 'value';
    else if (place === 'comma' && byte === COMMA) this.#place = 'key';
    else if ((place === 'comma' || place === 'first key') && byte === CLOSE) this.#place = 'end';
    else throw new JsonMembersError(`${describe(byte)} in place of ${expectedAt[place]}`);
    this.#at++;
  }

  /** Up to and over the closing quote, or to the end of the bytes. */
  #walkKey(bytes: Uint8Array): void {
    for (; this.#at < bytes.length && this.#inString; this.#at++) {
      const byte = bytes[this.#at];
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#inString = false;
    }
    if (this.#inString) return;
    this.#keyTo = this.#at;
    this.#place = 'colon';
  }

  #walkValue(bytes: Uint8Array, onMember: OnMember): void {
    let at = this.#at;
    let depth = this.#depth;
    let inString = this.#inString;
    let isEscaped = this.#isEscaped;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
        else continue;
        if (inString || depth > 0) continue;
        at++;
        break;
      }
      if (this.#isScalar) {
        if (byte === COMMA || byte === CLOSE || byte <= 0x20) break;
      } else if (byte === QUOTE) inString = true;
      else if (byte === OPEN || byte === OPEN_ARRAY) depth++;
      else if ((byte === CLOSE || byte === CLOSE_ARRAY) && --depth === 0) {
        at++;
        break;
      }
    }
    // A number at the end of the bytes may have more digits.
    const isWhole = !inString && depth === 0 && (at < bytes.length || !this.#isScalar);
    this.#at = at;
    this.#isEscaped = isEscaped;
    this.#depth = depth;
    this.#inString = inString;
    if (!isWhole) return;
    onMember(this.#keyFrom, this.#keyTo, this.#valueFrom, at);
    this.#keyFrom = -1;
    this.#keyTo = -1;
    this.#valueFrom = -1;
    this.#place = 'comma';
  }
}

/** What parts members begins no value: nothing stands where one should. */
function isNoValue(byte: number): boolean {
  return byte === COMMA || byte === COLON || byte === CLOSE || byte === CLOSE_ARRAY;
}

const expectedAt: Readonly<Record<Place, string>> = {
  object: 'an opening brace',
  'first key': 'a key',
  key: 'a key',
  colon: 'a colon',
  value: 'a value',
  comma: 'a comma or the closing brace',
  end: 'the end',
};

function describe(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? JSON.stringify(String.fromCharCode(byte)) : `byte ${byte}`;
}

import { codeLengths } from './code-lengths.ts';
import type { Deflate } from './contract.ts';

/** Tokens of a block, about. */
const BLOCK = 1 << 16;
/** Bytes that are looked at together: a run is seen when all of it is among them. */
const LOOK = 32;
/** A shorter run takes no fewer bits as a match. */
const LEAST_RUN = 6;
/** How many of the bytes looked at cannot begin a run when none was seen. */
const NO_RUN = LOOK + 1 - LEAST_RUN;
/** Deflate's own bounds of a match. */
const LEAST_MATCH = 3;
const MOST_MATCH = 258;
/** The longest run that is taken at once. */
const MOST_RUN = 256 * MOST_MATCH;
const END = 256;
const SYMBOLS = 286;
const ADLER = 65_521;
/** Bytes that are added up before the sums are reduced (zlib's own number). */
const ADLER_BYTES = 5_552;

/** {@link Deflate} in plain TypeScript, step by step what `assembly/deflate` does. */
export const plainDeflate: Deflate = (bytes) => {
  const blocks = Math.ceil(bytes.length / BLOCK);
  const out = new BitWriter(Math.ceil(1.5 * bytes.length) + 256 * (blocks + 1));
  // 32 kB of window, fastest; a check sum of the two bytes is in them.
  out.put(0x0178, 16);
  const tokens = new Uint16Array(BLOCK + 512);
  let at = 0;
  do {
    const block = tokenize(bytes, at, tokens);
    at = block.next;
    writeBlock(out, tokens.subarray(0, block.count), at === bytes.length);
  } while (at < bytes.length);
  return out.finish(adler(bytes));
};

/** Tokens of one block: a byte, or 256 and the length of a match less 3. `next`: where the next block begins. */
function tokenize(bytes: Uint8Array, start: number, tokens: Uint16Array): { count: number; next: number } {
  let at = start;
  let count = 0;
  while (at < bytes.length && count < BLOCK) {
    if (at === 0 || at + LOOK > bytes.length) {
      tokens[count++] = bytes[at++] as number;
      continue;
    }
    const plain = beforeRun(bytes, at);
    for (const end = at + plain; at < end; ) tokens[count++] = bytes[at++] as number;
    if (plain === NO_RUN) continue;
    const after = runEnd(bytes, at, Math.min(bytes.length, at + MOST_RUN));
    while (after - at >= LEAST_MATCH) {
      const length = Math.min(after - at, MOST_MATCH);
      tokens[count++] = 256 + length - LEAST_MATCH;
      at += length;
    }
  }
  return { count, next: at };
}

/** How many bytes from `at` on come before one that is, with five more, as the byte before it. */
function beforeRun(bytes: Uint8Array, at: number): number {
  let same = 0;
  for (let nth = 0; nth < LOOK; nth++) {
    same = bytes[at + nth] === bytes[at + nth - 1] ? same + 1 : 0;
    if (same === LEAST_RUN) return nth + 1 - LEAST_RUN;
  }
  return NO_RUN;
}

/** Where the bytes from `from` on are no longer as the one before. */
function runEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] === bytes[from - 1]) at++;
  return at;
}

/** For each length of a match less 3: its symbol, the number of its extra bits, and those. */
const matches = layMatches();

function layMatches() {
  const laid: { symbol: number; extra: number; more: number }[] = [];
  for (let code = 0; code < 29; code++) {
    const extra = code < 8 || code === 28 ? 0 : (code >> 2) - 1;
    const base = code < 8 ? code : code === 28 ? 255 : (4 + (code & 3)) << extra;
    // The last code but one reaches to the length that the last one has to itself.
    for (let more = 0; more < 1 << extra; more++) laid[base + more] = { symbol: 257 + code, extra, more };
  }
  return laid;
}

function writeBlock(out: BitWriter, tokens: Uint16Array, isLast: boolean): void {
  const often = new Uint32Array(SYMBOLS);
  const add = (symbol: number) => {
    often[symbol] = (often[symbol] as number) + 1;
  };
  for (const token of tokens) add(token < 256 ? token : (matches[token - 256]?.symbol as number));
  add(END);
  const lengths = codeLengths(often);
  const codes = codesOf(lengths);
  out.put(isLast ? 5 : 4, 3);
  // Codes for all symbols, and for the only distance; their lengths are written as numbers of four bits.
  out.put(SYMBOLS - 257, 5);
  out.put(0, 5);
  out.put(15, 4);
  // Lengths of the codes of lengths, in the order of the standard: the three for repetitions are not used.
  out.put(0, 9);
  for (let length = 0; length < 16; length++) out.put(4, 3);
  for (const length of lengths) out.put(reversed(length, 4), 4);
  out.put(reversed(1, 4), 4);
  const put = (symbol: number) => out.put(codes[symbol] as number, lengths[symbol] as number);
  for (const token of tokens) {
    const match = token < 256 ? undefined : matches[token - 256];
    put(match?.symbol ?? token);
    // Behind the extra bits stands the code of the distance, a single 0.
    if (match) out.put(match.more, match.extra + 1);
  }
  put(END);
}

/** The codes of these lengths that Deflate gives the symbols, the first bit lowest. */
function codesOf(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let next = 0;
  for (let length = 1; length <= Math.max(...lengths); length++) {
    next <<= 1;
    for (const [symbol, own] of lengths.entries())
      if (own === length) codes[symbol] = reversed(next++, length);
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}

/** Adler-32: the sum of the bytes, and the sum of that sum after each byte. */
function adler(bytes: Uint8Array): number {
  let one = 1;
  let two = 0;
  for (let at = 0; at < bytes.length; ) {
    for (const stop = Math.min(bytes.length, at + ADLER_BYTES); at < stop; at++) {
      one += bytes[at] as number;
      two += one;
    }
    one %= ADLER;
    two %= ADLER;
  }
  return ((two << 16) | one) >>> 0;
}

/** Bits one behind the other, the lowest of a byte first. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #length = 0;
  #bits = 0;
  #count = 0;

  /** `most`: bytes that will be written at most. */
  constructor(most: number) {
    this.#bytes = new Uint8Array(most);
  }

  /** `count`: 16 at most. */
  put(value: number, count: number): void {
    this.#bits |= value << this.#count;
    for (this.#count += count; this.#count >= 8; this.#count -= 8) {
      this.#bytes[this.#length++] = this.#bits;
      this.#bits >>>= 8;
    }
  }

  /** All of it to the end of a byte, and the check sum. */
  finish(checkSum: number): Uint8Array {
    this.put(0, (8 - this.#count) & 7);
    new DataView(this.#bytes.buffer).setUint32(this.#length, checkSum);
    return this.#bytes.subarray(0, this.#length + 4);
  }
}

// A zlib stream (RFC 1950 and 1951) of bytes that are hardly ever like earlier ones, such as the filtered rows of a
// photograph: nothing but Huffman codes, and runs of one byte as matches of distance 1. Each block has codes of its own.

import { adler } from '../inflate/adler';

/** Bytes and runs of a block, about; a longer run is several. */
const BLOCK: i32 = 1 << 16;
/** Codes are no longer than this, so that three of the longest entries and what is left of a byte fill 64 bits. */
const MOST_BITS: i32 = 12;
/** A shorter run takes no fewer bits as a match. */
const LEAST_RUN: i32 = 6;
/** Deflate's own bounds of a match. */
const LEAST_MATCH: i32 = 3;
const MOST_MATCH: i32 = 258;
const END: i32 = 256;
const SYMBOLS: i32 = 286;
/** Tokens: a byte, or 256 and the length of a match less 3. */
const TOKENS: i32 = 512;
/** Bytes of a block's tokens and what a step writes beyond them. */
const TOKEN_BYTES: i32 = 2 * (BLOCK + 512);

/** How often each token occurs, in four parts: a count waits for the one before it, if that is the same. */
const PART: usize = TOKENS * 4;
const counts = memory.data(8192, 16);
/** For each token its bits, the first one lowest, and above 24 bits their number. */
const entries = memory.data(TOKENS * 4, 16);
/** For each length of a match less 3: its symbol, its number of extra bits above 16 bits, and those above 24. */
const matches = memory.data(256 * 4, 16);
/** For each symbol: how often it occurs, the length of its code, the code. */
const often = memory.data(SYMBOLS * 4, 16);
const lengths = memory.data(SYMBOLS * 4, 16);
const codes = memory.data(SYMBOLS * 4, 16);
/** The symbols that occur, by how often they do, and what becomes the lengths of their codes. */
const sorted = memory.data(SYMBOLS * 4, 16);
const tree = memory.data(SYMBOLS * 4, 16);
/** How many codes there are of each length, and the next one of it. */
const ofLength = memory.data(33 * 4, 16);
const nextCode = memory.data(33 * 4, 16);

// What has been written: whole bytes, and bits that do not fill one yet.
let out: usize = 0;
let bits: u64 = 0;
let bitCount: u64 = 0;

export function heapBase(): usize {
  return __heap_base;
}

/** Room that `deflate` needs beside input and output. */
export function workBytes(): usize {
  return TOKEN_BYTES;
}

/** The most that `deflate` writes for `length` bytes. */
export function mostBytes(length: usize): usize {
  return length + length / 2 + (length / <usize>BLOCK + 1) * 256 + 64;
}

/**
 * Compresses `length` bytes at `from` to `to`; answers how many bytes that takes. 64 bytes before and after the input may
 * be read.
 */
export function deflate(from: usize, length: usize, to: usize, work: usize): usize {
  layMatches();
  // 32 kB of window, fastest; a check sum of the two bytes is in them.
  store<u16>(to, 0x0178);
  out = to + 2;
  bits = 0;
  bitCount = 0;
  const end = from + length;
  let at = from;
  do {
    const tokens = work;
    at = tokenize(at, from, end, tokens);
    writeBlock(tokens, (tokensEnd - tokens) >> 1, at === end);
  } while (at < end);
  put(0, (8 - bitCount) & 7);
  store<u32>(out, bswap<u32>(adler(1, from, length)));
  return out + 4 - to;
}

function layMatches(): void {
  for (let code = 0; code < 29; code++) {
    const extra = code < 8 || code === 28 ? 0 : (code >> 2) - 1;
    const base = code < 8 ? code : code === 28 ? 255 : (4 + (code & 3)) << extra;
    for (let more = 0; more < 1 << extra; more++) {
      // The last code but one reaches to the length that the last one has to itself.
      store<u32>(matches + <usize>(base + more) * 4, (257 + code) | (extra << 16) | (more << 24));
    }
  }
}

let tokensEnd: usize = 0;

/** Tokens of one block, from the input at `at`; answers where the next one begins. */
function tokenize(start: usize, first: usize, end: usize, tokens: usize): usize {
  let at = start;
  let token = tokens;
  const full = tokens + 2 * BLOCK;
  while (at < end && token < full) {
    // Bytes that are as the one before them, each a bit.
    let same: u32 = 0;
    if (at > first && at + 32 <= end) {
      const low = v128.load(at);
      const high = v128.load(at, 16);
      same =
        <u32>i8x16.bitmask(i8x16.eq(low, v128.load(at - 1))) |
        (<u32>i8x16.bitmask(i8x16.eq(high, v128.load(at + 15))) << 16);
      const two = same & (same >> 1);
      const runs = two & (two >> 2) & (two >> 4);
      v128.store(token, i16x8.extend_low_i8x16_u(low));
      v128.store(token, i16x8.extend_high_i8x16_u(low), 16);
      v128.store(token, i16x8.extend_low_i8x16_u(high), 32);
      v128.store(token, i16x8.extend_high_i8x16_u(high), 48);
      if (runs === 0) {
        at += 33 - LEAST_RUN;
        token += 2 * (33 - LEAST_RUN);
        continue;
      }
      at += <usize>ctz(runs);
      token += 2 * <usize>ctz(runs);
      const after = runEnd(at, min(end, at + 256 * MOST_MATCH));
      while (<i32>(after - at) >= LEAST_MATCH) {
        const length = min<usize>(after - at, MOST_MATCH);
        store<u16>(token, <u16>(256 + length - LEAST_MATCH));
        token += 2;
        at += length;
      }
    } else {
      store<u16>(token, load<u8>(at));
      token += 2;
      at++;
    }
  }
  tokensEnd = token;
  return at;
}

/** Where the bytes from `at` on are no longer as the one before. */
function runEnd(at: usize, end: usize): usize {
  const byte = load<u8>(at - 1);
  while (at < end && load<u8>(at) === byte) at++;
  return at;
}

function writeBlock(tokens: usize, count: usize, isLast: bool): void {
  countTokens(tokens, count);
  makeCodes();
  put(isLast ? 5 : 4, 3);
  // Codes for all symbols, and for the only distance; their lengths are written as numbers of four bits.
  put(<u64>(SYMBOLS - 257), 5);
  put(0, 5);
  put(15, 4);
  // Lengths of the codes of lengths, in the order of the standard: the three for repetitions are not used.
  put(0, 9);
  for (let length = 0; length < 16; length++) put(4, 3);
  for (let symbol = 0; symbol < SYMBOLS; symbol++) putLength(get(lengths, symbol));
  putLength(1);
  layEntries();
  writeTokens(tokens, count);
  put(<u64>load<u32>(codes + END * 4), <u64>load<u32>(lengths + END * 4));
}

function countTokens(tokens: usize, count: usize): void {
  memory.fill(counts, 0, 4 * PART);
  let nth: usize = 0;
  for (; nth + 4 <= count; nth += 4) {
    const four = load<u64>(tokens + 2 * nth);
    countOne(counts, <usize>(four & 511));
    countOne(counts + PART, <usize>((four >> 16) & 511));
    countOne(counts + 2 * PART, <usize>((four >> 32) & 511));
    countOne(counts + 3 * PART, <usize>(four >> 48));
  }
  for (; nth < count; nth++) countOne(counts, <usize>load<u16>(tokens + 2 * nth));
  memory.fill(often, 0, SYMBOLS * 4);
  set(often, END, 1);
  for (let token = 0; token < TOKENS; token++) {
    const sum =
      get(counts, token) +
      get(counts + PART, token) +
      get(counts + 2 * PART, token) +
      get(counts + 3 * PART, token);
    add(often, token < 256 ? token : get(matches, token - 256) & 0xffff, sum);
  }
}

// @ts-ignore: decorator
@inline
function countOne(list: usize, token: usize): void {
  store<u32>(list + token * 4, load<u32>(list + token * 4) + 1);
}

/** Lengths of the best codes, none above {@link MOST_BITS}, and the codes in the order that Deflate gives them. */
function makeCodes(): void {
  const used = sortSymbols();
  minimumRedundancy(used);
  memory.fill(ofLength, 0, 33 * 4);
  for (let nth = 0; nth < used; nth++) add(ofLength, min(get(tree, nth), MOST_BITS), 1);
  shorten();
  memory.fill(lengths, 0, SYMBOLS * 4);
  // The rarest symbols have the longest codes.
  let nth = 0;
  for (let length = MOST_BITS; length > 0; length--) {
    for (let left = get(ofLength, length); left > 0; left--) set(lengths, get(sorted, nth++) & 511, length);
  }
  let code = 0;
  for (let length = 1; length <= MOST_BITS; length++) {
    code = (code + get(ofLength, length - 1)) << 1;
    set(nextCode, length, code);
  }
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    const length = get(lengths, symbol);
    if (length === 0) continue;
    set(codes, symbol, reversed(get(nextCode, length), length));
    add(nextCode, length, 1);
  }
}

/** Those that occur, the rarest first; answers how many. */
function sortSymbols(): i32 {
  let used = 0;
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    if (get(often, symbol) === 0) continue;
    const key = (get(often, symbol) << 9) | symbol;
    let place = used++;
    for (; place > 0 && get(sorted, place - 1) > key; place--) set(sorted, place, get(sorted, place - 1));
    set(sorted, place, key);
  }
  for (let nth = 0; nth < used; nth++) set(tree, nth, get(sorted, nth) >> 9);
  return used;
}

/** Moffat and Katajainen, "In-place calculation of minimum-redundancy codes": frequencies become lengths, in place. */
function minimumRedundancy(n: i32): void {
  set(tree, 0, get(tree, 0) + get(tree, 1));
  let root = 0;
  let leaf = 2;
  for (let next = 1; next < n - 1; next++) {
    let sum = 0;
    for (let side = 0; side < 2; side++) {
      if (leaf >= n || (root < next && get(tree, root) < get(tree, leaf))) {
        sum += get(tree, root);
        set(tree, root++, next);
      } else sum += get(tree, leaf++);
    }
    set(tree, next, sum);
  }
  set(tree, n - 2, 0);
  for (let next = n - 3; next >= 0; next--) set(tree, next, get(tree, get(tree, next)) + 1);
  let open = 1;
  let depth = 0;
  root = n - 2;
  let next = n - 1;
  while (open > 0) {
    let inner = 0;
    for (; root >= 0 && get(tree, root) === depth; root--) inner++;
    for (; open > inner; open--) set(tree, next--, depth);
    open = 2 * inner;
    depth++;
  }
}

/** Lengths that were cut off take more room than there is: some shorter codes are made longer. */
function shorten(): void {
  let room = 0;
  for (let length = 1; length <= MOST_BITS; length++) room += get(ofLength, length) << (MOST_BITS - length);
  for (; room > 1 << MOST_BITS; room--) {
    add(ofLength, MOST_BITS, -1);
    let length = MOST_BITS - 1;
    while (get(ofLength, length) === 0) length--;
    add(ofLength, length, -1);
    add(ofLength, length + 1, 2);
  }
}

function layEntries(): void {
  for (let byte = 0; byte < 256; byte++) set(entries, byte, get(codes, byte) | (get(lengths, byte) << 24));
  for (let match = 0; match < 256; match++) {
    const parts = load<u32>(matches + <usize>match * 4);
    const symbol = parts & 0xffff;
    const length = get(lengths, symbol);
    const extra = (parts >> 16) & 255;
    // Behind the extra bits stands the code of the distance, a single 0.
    const code = get(codes, symbol) | ((parts >> 24) << length);
    set(entries, 256 + match, code | ((length + extra + 1) << 24));
  }
}

function writeTokens(tokens: usize, count: usize): void {
  let to = out;
  let held = bits;
  let holds = bitCount;
  let nth: usize = 0;
  for (; nth + 3 <= count; nth += 3) {
    const a = load<u32>(entries + <usize>load<u16>(tokens + 2 * nth) * 4);
    const b = load<u32>(entries + <usize>load<u16>(tokens + 2 * nth, 2) * 4);
    const c = load<u32>(entries + <usize>load<u16>(tokens + 2 * nth, 4) * 4);
    held |= <u64>(a & 0xffffff) << holds;
    holds += a >> 24;
    held |= <u64>(b & 0xffffff) << holds;
    holds += b >> 24;
    held |= <u64>(c & 0xffffff) << holds;
    holds += c >> 24;
    store<u64>(to, held);
    to += <usize>(holds >> 3);
    held >>= holds & ~7;
    holds &= 7;
  }
  out = to;
  bits = held;
  bitCount = holds;
  for (; nth < count; nth++) {
    const entry = load<u32>(entries + <usize>load<u16>(tokens + 2 * nth) * 4);
    put(<u64>(entry & 0xffffff), <u64>(entry >> 24));
  }
}

function put(value: u64, count: u64): void {
  bits |= value << bitCount;
  bitCount += count;
  store<u64>(out, bits);
  out += <usize>(bitCount >> 3);
  bits >>= bitCount & ~7;
  bitCount &= 7;
}

/** A length of a code: its own code is the number itself, highest bit first. */
function putLength(length: i32): void {
  put(<u64>reversed(length, 4), 4);
}

function reversed(code: i32, length: i32): i32 {
  let result = 0;
  for (let bit = 0; bit < length; bit++) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}

// @ts-ignore: decorator
@inline
function get(list: usize, nth: i32): i32 {
  return load<i32>(list + <usize>nth * 4);
}

// @ts-ignore: decorator
@inline
function set(list: usize, nth: i32, value: i32): void {
  store<i32>(list + <usize>nth * 4, value);
}

// @ts-ignore: decorator
@inline
function add(list: usize, nth: i32, more: i32): void {
  set(list, nth, get(list, nth) + more);
}

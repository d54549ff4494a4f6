// Tables that decode Deflate's codes: an entry for whatever the next bits are. The lowest six bits of an entry say how many
// bits it takes; shifts and subtractions may use an entry as it is, because they look at no more of it than that.
//
// literals:  count << 6 | bytes << 8           one to three bytes
// a length:  (code's bits + 2) << 8 | OTHER.. | length's base << 16     takes its extra bits too
// a distance: the same with the distance's base

/** Bits that the table of literals and lengths is looked up by, and that of distances. */
export const LITERAL_BITS: u32 = 11;
export const DISTANCE_BITS: u32 = 9;
const MOST_BITS: i32 = 15;
export const LITERAL_SYMBOLS: i32 = 288;
export const DISTANCE_SYMBOLS: i32 = 32;

/** Bits 6 and 7: how many literals. */
export const LITERALS: u32 = 3 << 6;
/** Bits 13 and up to 15 of an entry that is no literal: neither a length nor a distance. */
export const IS_LONG: u32 = 1 << 13;
export const IS_END: u32 = 1 << 14;
export const IS_WRONG: u32 = 1 << 15;
export const IS_OTHER: u32 = IS_LONG | IS_END | IS_WRONG;

/** Entries of single symbols, of several together (`layTogether`), of distances. */
export const singles = memory.data(4 << LITERAL_BITS, 16);
export const literals = memory.data(4 << LITERAL_BITS, 16);
export const distances = memory.data(4 << DISTANCE_BITS, 16);
/** What an entry says of each symbol, but for the bits of its code. */
/** Of several together the first. */
const ones = memory.data(4 << LITERAL_BITS, 16);
const literalMeanings = memory.data(LITERAL_SYMBOLS * 4, 16);
const distanceMeanings = memory.data(DISTANCE_SYMBOLS * 4, 16);

/** Entries of longer codes: for each that begins one, as many as the rest of it may be. The first are of none. */
const LITERAL_REST: u32 = <u32>MOST_BITS - LITERAL_BITS;
const DISTANCE_REST: u32 = <u32>MOST_BITS - DISTANCE_BITS;
export const longLiterals = memory.data((4 * (1 + LITERAL_SYMBOLS / 2)) << LITERAL_REST, 16);
export const longDistances = memory.data((4 * (1 + DISTANCE_SYMBOLS / 2)) << DISTANCE_REST, 16);

/** How many codes there are of each length, where the symbols of the next one begin, and all symbols in order of codes. */
const counts = memory.data(4 * 16, 16);
const offsets = memory.data(4 * 16, 16);
const sorted = memory.data(2 * LITERAL_SYMBOLS, 16);

/** Lengths of codes, a byte each: of literals and lengths, then of distances. */
export const lengths = memory.data(LITERAL_SYMBOLS + DISTANCE_SYMBOLS + 16, 16);

let areFixed: bool = false;
let hasMeanings: bool = false;

export function layMeanings(): void {
  if (hasMeanings) return;
  hasMeanings = true;
  for (let symbol: u32 = 0; symbol < 256; symbol++) {
    store<u32>(literalMeanings + symbol * 4, (1 << 6) | (symbol << 8));
  }
  store<u32>(literalMeanings + 256 * 4, IS_END);
  for (let code: u32 = 0; code < 29; code++) {
    const extra: u32 = code < 8 || code === 28 ? 0 : (code >> 2) - 1;
    const base: u32 = code < 8 ? code + 3 : code === 28 ? 258 : ((4 + (code & 3)) << extra) + 3;
    store<u32>(literalMeanings + (257 + code) * 4, extra | (base << 16));
  }
  for (let symbol: u32 = 286; symbol < 288; symbol++) store<u32>(literalMeanings + symbol * 4, IS_WRONG);
  for (let code: u32 = 0; code < 30; code++) {
    const extra: u32 = code < 4 ? 0 : (code >> 1) - 1;
    const base: u32 = code < 4 ? code + 1 : ((2 + (code & 1)) << extra) + 1;
    store<u32>(distanceMeanings + code * 4, extra | (base << 16));
  }
  for (let symbol: u32 = 30; symbol < 32; symbol++) store<u32>(distanceMeanings + symbol * 4, IS_WRONG);
}

/** The codes of a block that brings none of its own. */
export function layFixed(): void {
  if (areFixed) return;
  for (let symbol = 0; symbol < 288; symbol++) {
    store<u8>(lengths + symbol, symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8);
  }
  for (let symbol = 0; symbol < 32; symbol++) store<u8>(lengths + LITERAL_SYMBOLS + symbol, 5);
  layLiterals(lengths, LITERAL_SYMBOLS);
  layDistances(lengths + LITERAL_SYMBOLS, DISTANCE_SYMBOLS);
  areFixed = true;
}

/** Codes of `count` symbols; false where there are no such codes. */
export function layLiterals(from: usize, count: i32): bool {
  areFixed = false;
  if (!lay(from, count, literalMeanings, singles, LITERAL_BITS, longLiterals)) return false;
  layTogether();
  return true;
}

export function layDistances(from: usize, count: i32): bool {
  areFixed = false;
  return lay(from, count, distanceMeanings, distances, DISTANCE_BITS, longDistances);
}

/** A literal's entry has its length in its bits alone; another one tells besides where its extra bits begin. */
// @ts-ignore: decorator
@inline
function entryOf(symbol: usize, meanings: usize, length: u32): u32 {
  const meaning = load<u32>(meanings + (<usize>load<u16>(symbol) << 2));
  return (meaning & LITERALS) !== 0 ? meaning + length : meaning + length + ((length + 2) << 8);
}

/** The next code, of which the first bit is the lowest; the last one stays. */
// @ts-ignore: decorator
@inline
export function codeAfter(code: u32, length: u32): u32 {
  const zeros = code ^ ((1 << length) - 1);
  if (zeros === 0) return code;
  const bit: u32 = 1 << (31 - clz(zeros));
  return (code & (bit - 1)) | bit;
}

function lay(from: usize, count: i32, meanings: usize, table: usize, tableBits: u32, longs: usize): bool {
  memory.fill(counts, 0, 4 * 16);
  for (let symbol = 0; symbol < count; symbol++) {
    const at = counts + (<usize>load<u8>(from + symbol) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  // As zlib has it: no codes at all, or a single one of one bit, may leave bits that mean nothing; other codes may not.
  let left: i32 = 1;
  let most: u32 = 0;
  let offset: u32 = 0;
  for (let length: u32 = 1; length <= <u32>MOST_BITS; length++) {
    const many = load<u32>(counts + (length << 2));
    left = (left << 1) - <i32>many;
    if (left < 0) return false;
    if (many > 0) most = length;
    store<u32>(offsets + (length << 2), offset);
    offset += many;
  }
  if (left > 0 && most > 1) return false;
  for (let symbol = 0; symbol < count; symbol++) {
    const length = <usize>load<u8>(from + symbol);
    if (length === 0) continue;
    const at = offsets + (length << 2);
    const place = load<u32>(at);
    store<u32>(at, place + 1);
    store<u16>(sorted + (place << 1), <u16>symbol);
  }
  // What no code has filled is the beginning of longer ones, or means nothing, in a bit.
  store<u32>(table, left > 0 ? IS_WRONG | 1 : IS_LONG);
  let code: u32 = 0;
  let symbol = sorted;
  for (let length: u32 = 1; length <= tableBits; length++) {
    const half: usize = (<usize>4) << (length - 1);
    if (half < 16) {
      for (let at: usize = 0; at < half; at += 4) store<u32>(table + half + at, load<u32>(table + at));
    } else {
      for (let at: usize = 0; at < half; at += 16) v128.store(table + half + at, v128.load(table + at));
    }
    for (let many = load<u32>(counts + (length << 2)); many > 0; many--) {
      store<u32>(table + (code << 2), entryOf(symbol, meanings, length));
      symbol += 2;
      code = codeAfter(code, length);
    }
  }
  layLong(code, symbol, meanings, table, tableBits, longs);
  return true;
}

/** Codes that are longer than the table's, from this one on. */
function layLong(code: u32, symbol: usize, meanings: usize, table: usize, tableBits: u32, longs: usize): void {
  const rests: u32 = 1 << (<u32>MOST_BITS - tableBits);
  let next = rests;
  for (let length = tableBits + 1; length <= <u32>MOST_BITS; length++) {
    for (let many = load<u32>(counts + (length << 2)); many > 0; many--) {
      const slot = table + ((code & ((1 << tableBits) - 1)) << 2);
      let start = load<u32>(slot) >> 16;
      if (start === 0) {
        start = next;
        next += rests;
        store<u32>(slot, IS_LONG | (start << 16));
      }
      const entry = entryOf(symbol, meanings, length);
      for (let rest = code >> tableBits; rest < rests; rest += 1 << (length - tableBits)) {
        store<u32>(longs + ((start + rest) << 2), entry);
      }
      symbol += 2;
      code = codeAfter(code, length);
    }
  }
}

/** The entry of a longer code: by what the table has for its beginning, and the bits of all of it. */
// @ts-ignore: decorator
@inline
export function longLiteral(entry: u32, bits: u32): u32 {
  return load<u32>(((entry >> 16) + ((bits >> LITERAL_BITS) & ((1 << LITERAL_REST) - 1))) << 2, longLiterals);
}

// @ts-ignore: decorator
@inline
export function longDistance(entry: u32, bits: u32): u32 {
  return load<u32>(((entry >> 16) + ((bits >> DISTANCE_BITS) & ((1 << DISTANCE_REST) - 1))) << 2, longDistances);
}

/**
 * The table of the fast loop: of what the next bits begin, as much as is whole in them. Two literals at most, then a
 * length of 256 at most, with its extra bits in it; 0 where they begin with anything else.
 *
 * bits | literals << 6 | literal << 8 | literal << 16 | (length - 2) << 24
 */
function layTogether(): void {
  for (let index: u32 = 0; index < 1 << LITERAL_BITS; index++) {
    const single = load<u32>(index << 2, singles);
    let together: u32 = 0;
    if (single & LITERALS) {
      // The first entry looks itself up.
      store<u32>(index << 2, single, ones);
      together = single;
      const bits = single & 63;
      const next = load<u32>((index >> bits) << 2, ones);
      const two = bits + (next & 63);
      if (two <= LITERAL_BITS) {
        if (next & LITERALS) {
          together = (single & 0xff00) | ((next & 0xff00) << 8) | (2 << 6) | two;
          const last = load<u32>((index >> two) << 2, ones);
          if (last >> 24 && two + (last & 63) <= LITERAL_BITS) together += last;
        } else together += next;
      }
    } else if (!(single & IS_OTHER) && (single & 63) <= LITERAL_BITS) {
      const bits = single & 63;
      const length = (single >> 16) + ((index & ((1 << bits) - 1)) >> ((single >> 8) - 2));
      if (length <= 256) together = ((length - 2) << 24) | bits;
      store<u32>(index << 2, together, ones);
    } else store<u32>(index << 2, 0, ones);
    store<u32>(index << 2, together, literals);
  }
}

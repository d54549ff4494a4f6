import { Answer, drop, need, Stream, take } from './stream';
import { codeAfter, layDistances, layLiterals, lengths } from './tables';

/** In which order the lengths of the codes for lengths are written. */
const ORDER = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
const LENGTH_SYMBOLS: u32 = 19;
const LENGTH_BITS: u32 = 7;
const ownLengths = memory.data(32, 16);
const ownCounts = memory.data(8 * 4, 16);
/** For each seven bits: a symbol, and above four bits how many of them are its code. */
const table = memory.data(1 << LENGTH_BITS, 16);

/**
 * Reads the codes of a block and lays their tables. Answers `END` when they are there. Where input ends amid them nothing
 * is kept: the caller begins again.
 */
export function readCodes(): i32 {
  if (!need(14)) return Answer.WANTS_INPUT;
  const literals = take(5) + 257;
  const distances = take(5) + 1;
  const own = take(4) + 4;
  if (literals > 286 || distances > 30) return Answer.TOO_MANY_SYMBOLS;
  memory.fill(ownLengths, 0, 32);
  for (let nth: u32 = 0; nth < own; nth++) {
    if (!need(3)) return Answer.WANTS_INPUT;
    store<u8>(ownLengths + <usize>load<u8>(ORDER + nth), <u8>take(3));
  }
  if (!layOwn()) return Answer.WRONG_LENGTHS_CODE;
  const all = literals + distances;
  let have: u32 = 0;
  while (have < all) {
    need(14);
    const entry = load<u8>(table + (<usize>Stream.bits & ((1 << LENGTH_BITS) - 1)));
    const symbol: u32 = entry & 31;
    const bits: u32 = entry >> 5;
    if (symbol < 16) {
      if (Stream.count < bits) return Answer.WANTS_INPUT;
      drop(bits);
      store<u8>(lengths + have++, <u8>symbol);
      continue;
    }
    const more: u32 = symbol === 16 ? 2 : symbol === 17 ? 3 : 7;
    if (Stream.count < bits + more) return Answer.WANTS_INPUT;
    drop(bits);
    if (symbol === 16 && have === 0) return Answer.WRONG_REPEAT;
    const times = take(more) + (symbol === 18 ? 11 : 3);
    if (have + times > all) return Answer.WRONG_REPEAT;
    memory.fill(lengths + have, symbol === 16 ? load<u8>(lengths + have - 1) : 0, times);
    have += times;
  }
  if (load<u8>(lengths + 256) === 0) return Answer.NO_END_OF_BLOCK;
  if (!layLiterals(lengths, literals)) return Answer.WRONG_LITERALS_CODE;
  if (!layDistances(lengths + literals, distances)) return Answer.WRONG_DISTANCES_CODE;
  return Answer.END;
}

/** The codes that lengths are written in; false where there are no such codes. */
function layOwn(): bool {
  memory.fill(ownCounts, 0, 32);
  for (let symbol: u32 = 0; symbol < LENGTH_SYMBOLS; symbol++) {
    const at = ownCounts + (<usize>load<u8>(ownLengths + symbol) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let left: i32 = 1;
  for (let length: u32 = 1; length <= LENGTH_BITS; length++) {
    left = (left << 1) - <i32>load<u32>(ownCounts + (length << 2));
    if (left < 0) return false;
  }
  // No code at all: zlib reads zeros of a bit each.
  memory.fill(table, 1 << 5, 1 << LENGTH_BITS);
  if (left === 1 << LENGTH_BITS) return true;
  if (left > 0) return false;
  let code: u32 = 0;
  for (let length: u32 = 1; length <= LENGTH_BITS; length++) {
    for (let symbol: u32 = 0; symbol < LENGTH_SYMBOLS; symbol++) {
      if (load<u8>(ownLengths + symbol) !== length) continue;
      for (let at = code; at < 1 << LENGTH_BITS; at += 1 << length) {
        store<u8>(table + at, <u8>((length << 5) | symbol));
      }
      code = codeAfter(code, length);
    }
  }
  return true;
}

import { Answer, giveBack, need, readAgain, Stream } from './stream';
import {
  DISTANCE_BITS,
  distances,
  IS_END,
  IS_LONG,
  IS_OTHER,
  IS_WRONG,
  LITERAL_BITS,
  LITERALS,
  literals,
  longDistance,
  longLiteral,
  singles,
} from './tables';

/** Neither loop answers this to others: the other one goes on. */
const GO_ON: i32 = -1;
/** Input that a step of the fast loop may read: three times eight bytes. */
const STEP_BYTES: usize = 24;

/** Masks of the next bits where two others lie below them: entries have four bytes. */
const LITERAL_MASK: u32 = ((1 << LITERAL_BITS) - 1) << 2;
const DISTANCE_MASK: u32 = ((1 << DISTANCE_BITS) - 1) << 2;

/** For each distance below 16: which of the last bytes the next 16 are, and how many of those are whole repetitions. */
const patterns = memory.data(16 * 16, 16);
const steps = memory.data(16, 16);

export function layPatterns(): void {
  for (let distance: usize = 1; distance < 16; distance++) {
    for (let nth: usize = 0; nth < 16; nth++) store<u8>(patterns + 16 * distance + nth, <u8>(nth % distance));
    store<u8>(steps + distance, <u8>(16 - (16 % distance)));
  }
}

/** Literals and matches to the end of the block, of the output or of the input. */
export function symbols(): i32 {
  while (true) {
    giveBack();
    if (Stream.from + STEP_BYTES <= Stream.fromEnd && Stream.to < Stream.limit) {
      const answer = fast();
      if (answer !== GO_ON) return answer;
    }
    const answer = careful();
    if (answer !== GO_ON) return answer;
  }
}

/**
 * Far from the ends: no step looks whether there is input or room. A step takes up to three entries of literals and a
 * match, which are 300 bytes at most, and writes up to 16 beyond. `bits` has two bits below the next one, so that masked
 * it is an offset; of `count`, their number, no more than six bits mean something.
 */
function fast(): i32 {
  let bits = Stream.bits << 2;
  let count: u32 = Stream.count + 2;
  let from = Stream.from;
  let to = Stream.to;
  const fromLast = Stream.fromEnd - STEP_BYTES;
  const limit = Stream.limit;
  const first = Stream.first;
  let answer = GO_ON;
  do {
    if (from > fromLast) break;
    bits |= load<u64>(from) << count;
    from += (~count >> 3) & 7;
    count |= 56;
    let entry = <u64>load<u32>(<u32>bits & LITERAL_MASK, literals);
    store<u16>(to, <u32>entry >> 8);
    to += (<u32>entry >> 6) & 3;
    bits >>= entry;
    count -= <u32>entry;
    if (<u32>entry >> 24 === 0) {
      entry = <u64>load<u32>(<u32>bits & LITERAL_MASK, literals);
      store<u16>(to, <u32>entry >> 8);
      to += (<u32>entry >> 6) & 3;
      bits >>= entry;
      count -= <u32>entry;
      if (<u32>entry >> 24 === 0) {
        entry = <u64>load<u32>(<u32>bits & LITERAL_MASK, literals);
        store<u16>(to, <u32>entry >> 8);
        to += (<u32>entry >> 6) & 3;
        bits >>= entry;
        count -= <u32>entry;
      }
    }
    let length = <usize>(entry >> 24) + 2;
    if (length === 2) {
      if (<u32>entry !== 0) continue;
      // 32 bits are left at least: 54 less twice the table's.
      entry = <u64>load<u32>(<u32>bits & LITERAL_MASK, singles);
      if (<u32>entry & IS_OTHER) {
        if (<u32>entry & IS_LONG) {
          entry = <u64>longLiteral(<u32>entry, <u32>(bits >> 2));
          if (<u32>entry & LITERALS) {
            store<u8>(to++, <u32>entry >> 8);
            bits >>= entry;
            count -= <u32>entry;
            continue;
          }
        }
        if (<u32>entry & IS_END) {
          count -= <u32>entry;
          answer = Answer.END;
          break;
        }
        if (<u32>entry & IS_WRONG) {
          answer = Answer.WRONG_SYMBOL;
          break;
        }
      }
      length = <usize>(entry >> 16) + <usize>((bits & ((<u64>4 << entry) - 1)) >> (entry >> 8));
      bits >>= entry;
      count -= <u32>entry;
    }
    bits |= load<u64>(from) << count;
    from += (~count >> 3) & 7;
    count |= 56;
    entry = <u64>load<u32>(<u32>bits & DISTANCE_MASK, distances);
    if (<u32>entry & IS_OTHER) {
      if (<u32>entry & IS_LONG) entry = <u64>longDistance(<u32>entry, <u32>(bits >> 2));
      if (<u32>entry & IS_WRONG) {
        answer = Answer.WRONG_DISTANCE;
        break;
      }
    }
    const distance = <usize>(entry >> 16) + <usize>((bits & ((<u64>4 << entry) - 1)) >> (entry >> 8));
    bits >>= entry;
    count -= <u32>entry;
    if (distance > to - first) {
      answer = Answer.TOO_FAR_BACK;
      break;
    }
    const end = to + length;
    let source = to - distance;
    if (distance >= 16) {
      v128.store(to, v128.load(source));
      v128.store(to, v128.load(source, 16), 16);
      while (to + 32 < end) {
        to += 32;
        source += 32;
        v128.store(to, v128.load(source));
        v128.store(to, v128.load(source, 16), 16);
      }
    } else {
      const pattern = i8x16.swizzle(v128.load(source), v128.load(16 * distance, patterns));
      const step = <usize>load<u8>(distance, steps);
      do {
        v128.store(to, pattern);
        to += step;
      } while (to < end);
    }
    to = end;
  } while (to < limit);
  // Two bits are none.
  count = (count & 63) - 2;
  Stream.from = from;
  readAgain(count);
  Stream.to = to;
  return answer;
}

/** Near the ends: symbol by symbol, each one whole or not at all. */
function careful(): i32 {
  while (true) {
    if (Stream.to >= Stream.limit) return Answer.IS_FULL;
    need(48);
    let bits = Stream.bits;
    let left = Stream.count;
    let entry = load<u32>(singles + ((<usize>bits & ((1 << LITERAL_BITS) - 1)) << 2));
    if (!(entry & LITERALS) && entry & IS_LONG) entry = longLiteral(entry, <u32>bits);
    if ((entry & 63) > left) return Answer.WANTS_INPUT;
    bits >>= entry & 63;
    left -= entry & 63;
    if (entry & LITERALS) {
      store<u8>(Stream.to++, <u8>(entry >> 8));
      keep(bits, left);
    } else if (entry & IS_END) {
      keep(bits, left);
      return Answer.END;
    } else if (entry & IS_WRONG) return Answer.WRONG_SYMBOL;
    else {
      const length = meant(entry, Stream.bits);
      let other = load<u32>(distances + ((<usize>bits & ((1 << DISTANCE_BITS) - 1)) << 2));
      if (other & IS_LONG) other = longDistance(other, <u32>bits);
      if ((other & 63) > left) return Answer.WANTS_INPUT;
      if (other & IS_WRONG) return Answer.WRONG_DISTANCE;
      const distance = meant(other, bits);
      if (distance > Stream.to - Stream.first) return Answer.TOO_FAR_BACK;
      for (const end = Stream.to + length; Stream.to < end; Stream.to++) {
        store<u8>(Stream.to, load<u8>(Stream.to - distance));
      }
      keep(bits >> (other & 63), left - (other & 63));
    }
    // Behind the last piece of input came a longer one.
    if (Stream.from + 2 * STEP_BYTES <= Stream.fromEnd) return GO_ON;
  }
}

// @ts-ignore: decorator
@inline
function keep(bits: u64, count: u32): void {
  Stream.bits = bits;
  Stream.count = count;
}

/** A length or a distance: its base and its extra bits, of the bits that its code begins. */
// @ts-ignore: decorator
@inline
function meant(entry: u32, bits: u64): usize {
  const extra = (bits & ((<u64>1 << (entry & 63)) - 1)) >> (((entry >> 8) & 31) - 2);
  return <usize>(entry >> 16) + <usize>extra;
}

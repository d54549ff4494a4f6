// Chooses and applies PNG's row filters for 8-bit RGB, after the definitions in the PNG specification, section 9. Loads read up
// to 15 bytes beyond a row: hosts leave 16 bytes of room behind every buffer.

export { unfilter } from './unfilter';

const PIXEL: usize = 3;

export function heapBase(): usize {
  return __heap_base;
}

/** Of left, above and corner the one nearest to left + above - corner; ties in that order. */
// @ts-ignore: decorator
@inline
function paeth(left: v128, above: v128, corner: v128): v128 {
  const fromLeft = i16x8.sub(above, corner);
  const fromAbove = i16x8.sub(left, corner);
  const toLeft = i16x8.abs(fromLeft);
  const toAbove = i16x8.abs(fromAbove);
  const toCorner = i16x8.abs(i16x8.add(fromLeft, fromAbove));
  const least = i16x8.min_s(toCorner, i16x8.min_s(toLeft, toAbove));
  const other = v128.bitselect(above, corner, i16x8.eq(least, toAbove));
  return v128.bitselect(left, other, i16x8.eq(least, toLeft));
}

/**
 * Chooses a filter for each of `rows` rows of `length` bytes at `from`, by the least sum of signed magnitudes among none,
 * up, sub and paeth, the first of equals; writes 1 + `length` bytes a row to `to`. The row before the first lies at
 * `from - length`, and 4 bytes before that may be read. `work` has room for 3 x (`length` + 16).
 */
export function filter(from: usize, to: usize, rows: i32, length: usize, work: usize): void {
  const room = length + 16;
  for (let row = 0; row < rows; row++) {
    const up = from - length;
    let least = magnitude(from, length);
    let best = from;
    let type: u8 = 0;
    if (least > 0) {
      const sum = doUp(from, up, work, length);
      if (sum < least) {
        least = sum;
        best = work;
        type = 2;
      }
    }
    if (least > 0) {
      const sum = doSub(from, work + room, length);
      if (sum < least) {
        least = sum;
        best = work + room;
        type = 1;
      }
    }
    if (least > 0) {
      const sum = doPaeth(from, up, work + 2 * room, length);
      if (sum < least) {
        best = work + 2 * room;
        type = 4;
      }
    }
    store<u8>(to, type);
    memory.copy(to + 1, best, length);
    to += 1 + length;
    from += length;
  }
}

function magnitude(at: usize, length: usize): u32 {
  let sum: u32 = 0;
  const end = at + length;
  let sums = i32x4.splat(0);
  for (; at + 16 <= end; at += 16) sums = i32x4.add(sums, magnitudes(v128.load(at)));
  sum = total(sums);
  for (; at < end; at++) sum += one(load<u8>(at));
  return sum;
}

// @ts-ignore: decorator
@inline
function magnitudes(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(i8x16.abs(bytes)));
}

// @ts-ignore: decorator
@inline
function total(sums: v128): u32 {
  return (
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  );
}

// @ts-ignore: decorator
@inline
function one(byte: u8): u32 {
  return byte < 128 ? byte : 256 - <u32>byte;
}

function doUp(from: usize, up: usize, to: usize, length: usize): u32 {
  let at: usize = 0;
  let sums = i32x4.splat(0);
  for (; at + 16 <= length; at += 16) {
    const bytes = i8x16.sub(v128.load(from + at), v128.load(up + at));
    v128.store(to + at, bytes);
    sums = i32x4.add(sums, magnitudes(bytes));
  }
  let sum = total(sums);
  for (; at < length; at++) {
    const byte: u8 = load<u8>(from + at) - load<u8>(up + at);
    store<u8>(to + at, byte);
    sum += one(byte);
  }
  return sum;
}

function doSub(from: usize, to: usize, length: usize): u32 {
  let at: usize = 0;
  let sum: u32 = 0;
  for (; at < PIXEL && at < length; at++) {
    const byte = load<u8>(from + at);
    store<u8>(to + at, byte);
    sum += one(byte);
  }
  let sums = i32x4.splat(0);
  for (; at + 16 <= length; at += 16) {
    const bytes = i8x16.sub(v128.load(from + at), v128.load(from + at - PIXEL));
    v128.store(to + at, bytes);
    sums = i32x4.add(sums, magnitudes(bytes));
  }
  sum += total(sums);
  for (; at < length; at++) {
    const byte: u8 = load<u8>(from + at) - load<u8>(from + at - PIXEL);
    store<u8>(to + at, byte);
    sum += one(byte);
  }
  return sum;
}

function doPaeth(from: usize, up: usize, to: usize, length: usize): u32 {
  let at: usize = 0;
  let sum: u32 = 0;
  // The first pixel has nothing to its left: what is above it is nearest.
  for (; at < PIXEL && at < length; at++) {
    const byte: u8 = load<u8>(from + at) - load<u8>(up + at);
    store<u8>(to + at, byte);
    sum += one(byte);
  }
  let sums = i32x4.splat(0);
  for (; at + 16 <= length; at += 16) {
    const left = v128.load(from + at - PIXEL);
    const above = v128.load(up + at);
    const corner = v128.load(up + at - PIXEL);
    const low = paeth(
      i16x8.extend_low_i8x16_u(left),
      i16x8.extend_low_i8x16_u(above),
      i16x8.extend_low_i8x16_u(corner),
    );
    const high = paeth(
      i16x8.extend_high_i8x16_u(left),
      i16x8.extend_high_i8x16_u(above),
      i16x8.extend_high_i8x16_u(corner),
    );
    const bytes = i8x16.sub(v128.load(from + at), i8x16.narrow_i16x8_u(low, high));
    v128.store(to + at, bytes);
    sums = i32x4.add(sums, magnitudes(bytes));
  }
  sum += total(sums);
  for (; at < length; at++) {
    const a: i32 = load<u8>(from + at - PIXEL);
    const b: i32 = load<u8>(up + at);
    const c: i32 = load<u8>(up + at - PIXEL);
    const toLeft = abs(b - c);
    const toAbove = abs(a - c);
    const toCorner = abs(a + b - 2 * c);
    const guess = toLeft <= toAbove && toLeft <= toCorner ? a : toAbove <= toCorner ? b : c;
    const byte: u8 = load<u8>(from + at) - <u8>guess;
    store<u8>(to + at, byte);
    sum += one(byte);
  }
  return sum;
}

// PNG's row filters for 8-bit RGB, after the definitions in the PNG specification, section 9. Stores of the last pixel of
// a row may write one byte beyond it, and loads read up to 15 beyond: hosts leave 16 bytes of room behind every buffer.

const PIXEL: usize = 3;

export function heapBase(): usize {
  return __heap_base;
}

/**
 * `rows` filtered rows of 1 + `length` bytes at `from` become rows of `length` at `to`; the row before the first lies at
 * `to - length`. Answers -1, or the number of the first row with a filter type that does not exist.
 */
export function unfilter(from: usize, to: usize, rows: i32, length: usize): i32 {
  for (let row = 0; row < rows; row++) {
    const type = load<u8>(from);
    const input = from + 1;
    const up = to - length;
    if (row + GROUP <= rows && undoFour(from, to, length)) {
      row += GROUP - 1;
      from += <usize>GROUP * (1 + length);
      to += <usize>GROUP * length;
      continue;
    }
    if (type === 0) memory.copy(to, input, length);
    else if (type === 1) undoSub(input, to, length);
    else if (type === 2) undoUp(input, to, up, length);
    else if (type === 3) undoAverage(input, to, up, length);
    else if (type === 4) undoPaeth(input, to, up, length);
    else return row;
    from += 1 + length;
    to += length;
  }
  return -1;
}

function undoSub(from: usize, to: usize, length: usize): void {
  let left = i32x4.splat(0);
  for (let at: usize = 0; at < length; at += PIXEL) {
    left = i8x16.add(left, v128.load32_zero(from + at));
    v128.store32_lane(to + at, left, 0);
  }
}

function undoUp(from: usize, to: usize, up: usize, length: usize): void {
  let at: usize = 0;
  for (; at + 16 <= length; at += 16) {
    v128.store(to + at, i8x16.add(v128.load(from + at), v128.load(up + at)));
  }
  for (; at < length; at++) store<u8>(to + at, load<u8>(from + at) + load<u8>(up + at));
}

function undoAverage(from: usize, to: usize, up: usize, length: usize): void {
  let left = i16x8.splat(0);
  for (let at: usize = 0; at < length; at += PIXEL) {
    const above = i16x8.extend_low_i8x16_u(v128.load32_zero(up + at));
    const mean = i16x8.shr_u(i16x8.add(left, above), 1);
    const pixel = i8x16.add(v128.load32_zero(from + at), i8x16.narrow_i16x8_u(mean, mean));
    v128.store32_lane(to + at, pixel, 0);
    left = i16x8.extend_low_i8x16_u(pixel);
  }
}

/**
 * Each pixel waits for the one before it, so what counts is the way from `left` to the next `left`. With `least` and `most`
 * the smaller and the larger of left and above, Paeth's choice is `least` where 3 corner - left - above >= `most`, `most`
 * where that is <= `least`, and corner between: no distance is measured on that way, and the byte is added beside it.
 */
function undoPaeth(from: usize, to: usize, up: usize, length: usize): void {
  let left = i16x8.splat(0);
  let corner = i16x8.splat(0);
  for (let at: usize = 0; at < length; at += PIXEL) {
    const above = v128.load8x8_u(up + at);
    left = undone(left, above, corner, v128.load8x8_u(from + at));
    v128.store32_lane(to + at, i8x16.narrow_i16x8_u(left, left), 0);
    corner = above;
  }
}

// @ts-ignore: decorator
@inline
function undone(left: v128, above: v128, corner: v128, added: v128): v128 {
  const place = i16x8.sub(i16x8.sub(i16x8.add(i16x8.add(corner, corner), corner), above), left);
  const least = i16x8.min_s(left, above);
  const most = i16x8.max_s(left, above);
  const isNotLeast = i16x8.gt_s(most, place);
  const isNotMost = i16x8.gt_s(place, least);
  const outer = v128.or(
    v128.andnot(i16x8.add(least, added), isNotLeast),
    v128.andnot(i16x8.add(most, added), isNotMost),
  );
  const inner = v128.and(i16x8.add(corner, added), v128.and(isNotLeast, isNotMost));
  return v128.and(v128.or(outer, inner), i16x8.splat(255));
}

/**
 * Four rows at once, each a pixel behind the one before it, whose last pixel is then the one above: where pixels wait for
 * their neighbours, four waits pass as one. Sub, up and none are Paeth with zeros for what they do not look at. False:
 * row by row is as good, and nothing was done.
 */
function undoFour(from: usize, to: usize, length: usize): bool {
  const stride: usize = 1 + length;
  const a = load<u8>(from);
  const b = load<u8>(from + stride);
  const c = load<u8>(from + 2 * stride);
  const d = load<u8>(from + 3 * stride);
  if (length < 8 * PIXEL || !isLikePaeth(a) || !isLikePaeth(b) || !isLikePaeth(c) || !isLikePaeth(d)) return false;
  // The others are quicker by themselves.
  if (<i32>(a === 4) + <i32>(b === 4) + <i32>(c === 4) + <i32>(d === 4) < 3) return false;
  memory.fill(state, 0, 64);
  setMasks(0, a, b);
  setMasks(1, c, d);
  const isPaeth = (a & b & c & d) === 4;
  let at: usize = 0;
  // What rows have left of their first pixel is nothing, whatever was computed there.
  for (let row: usize = 1; row < 4; row++, at += PIXEL) {
    walk(from + at, to + at, 0, length, 1, isPaeth);
    memory.fill(state + 8 * row, 0, 32 - 8 * row);
  }
  walk(from + at, to + at, 0, length, 1, isPaeth);
  at += PIXEL;
  const second = load<u8>(to + length);
  const third = load<u8>(to + 2 * length);
  const fourth = load<u8>(to + 3 * length);
  walk(from + at, to + at, 0, length, <i32>((length - at) / PIXEL), isPaeth);
  for (let ended = 1; ended < 4; ended++) {
    walk(from + length + <usize>(ended - 1) * PIXEL, to + length + <usize>(ended - 1) * PIXEL, ended, length, 1, isPaeth);
  }
  // The last pixel of a row was written together with the byte behind it, which is the next row's.
  store<u8>(to + length, second);
  store<u8>(to + 2 * length, third);
  store<u8>(to + 3 * length, fourth);
  return true;
}

const GROUP: i32 = 4;

/** The four rows' last pixels, the ones above those, and masks of what they look at: left, above, corner. */
const state = memory.data(64, 16);
const masks = memory.data(96, 16);
/** Where rows that have ended go on writing. */
const nowhere = memory.data(16, 16);

// @ts-ignore: decorator
@inline
function isLikePaeth(type: u8): bool {
  return type !== 3 && type <= 4;
}

function setMasks(half: usize, first: u8, second: u8): void {
  for (let row: usize = 0; row < 2; row++) {
    const type = row === 0 ? first : second;
    const to = masks + 16 * half + 8 * row;
    store<u64>(to, type === 1 || type === 4 ? -1 : 0);
    store<u64>(to, type === 2 || type === 4 ? -1 : 0, 32);
    store<u64>(to, type === 4 ? -1 : 0, 64);
  }
}

/** `steps` pixels of each row: the first row's from `from`, the others' as many pixels before as they are rows below. */
function walk(from: usize, to: usize, ended: i32, length: usize, steps: i32, isPaeth: bool): void {
  if (isPaeth) walkAs(true, from, to, ended, length, steps);
  else walkAs(false, from, to, ended, length, steps);
}

// @ts-ignore: decorator
@inline
function walkAs(isPaeth: bool, from: usize, to: usize, ended: i32, length: usize, steps: i32): void {
  const from1 = from + 1;
  const from2 = from1 + 1 + length - PIXEL;
  const from3 = from2 + 1 + length - PIXEL;
  const from4 = from3 + 1 + length - PIXEL;
  const up = to - length;
  const to1 = ended > 0 ? nowhere : to;
  const to2 = ended > 1 ? nowhere : to + length - PIXEL;
  const to3 = ended > 2 ? nowhere : to + 2 * (length - PIXEL);
  const to4 = to + 3 * (length - PIXEL);
  let left = v128.load(state);
  let otherLeft = v128.load(state, 16);
  let corner = v128.load(state, 32);
  let otherCorner = v128.load(state, 48);
  for (let step = 0, at: usize = 0; step < steps; step++, at += PIXEL) {
    const above = v128.shuffle<i64>(v128.load8x8_u(up + at), left, 0, 2);
    const otherAbove = v128.shuffle<i64>(left, otherLeft, 1, 2);
    const added = v128.load32_lane(from2 + at, v128.load32_zero(from1 + at), 1);
    const otherAdded = v128.load32_lane(from4 + at, v128.load32_zero(from3 + at), 1);
    left = isPaeth
      ? undone(left, above, corner, i16x8.extend_low_i8x16_u(added))
      : undone(
          v128.and(left, v128.load(masks)),
          v128.and(above, v128.load(masks, 32)),
          v128.and(corner, v128.load(masks, 64)),
          i16x8.extend_low_i8x16_u(added),
        );
    otherLeft = isPaeth
      ? undone(otherLeft, otherAbove, otherCorner, i16x8.extend_low_i8x16_u(otherAdded))
      : undone(
          v128.and(otherLeft, v128.load(masks, 16)),
          v128.and(otherAbove, v128.load(masks, 48)),
          v128.and(otherCorner, v128.load(masks, 80)),
          i16x8.extend_low_i8x16_u(otherAdded),
        );
    corner = above;
    otherCorner = otherAbove;
    const bytes = i8x16.narrow_i16x8_u(left, otherLeft);
    v128.store32_lane(to1 + at, bytes, 0);
    v128.store32_lane(to2 + at, bytes, 1);
    v128.store32_lane(to3 + at, bytes, 2);
    v128.store32_lane(to4 + at, bytes, 3);
  }
  v128.store(state, left);
  v128.store(state, otherLeft, 16);
  v128.store(state, corner, 32);
  v128.store(state, otherCorner, 48);
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

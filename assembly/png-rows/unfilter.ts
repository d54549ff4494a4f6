// Undoes PNG's row filters for 8-bit RGB. Stores of the last pixel of a row may write one byte beyond it, and loads read up to
// 15 beyond: hosts leave 16 bytes of room behind every buffer.

const PIXEL: usize = 3;

/**
 * Of `rows` filtered rows of `stride` bytes at `from` the first `length` bytes behind the type become rows at `to`; the row
 * before the first lies at `to - length`. Answers -1, or the number of the first row with a filter type that does not exist.
 */
export function unfilter(from: usize, stride: usize, to: usize, rows: i32, length: usize): i32 {
  for (let row = 0; row < rows; row++) {
    const type = load<u8>(from);
    const input = from + 1;
    const up = to - length;
    if (row + GROUP <= rows && undoFour(from, stride, to, length)) {
      row += GROUP - 1;
      from += <usize>GROUP * stride;
      to += <usize>GROUP * length;
      continue;
    }
    if (type === 0) memory.copy(to, input, length);
    else if (type === 1) undoSub(input, to, length);
    else if (type === 2) undoUp(input, to, up, length);
    else if (type === 3) undoAverage(input, to, up, length);
    else if (type === 4) undoPaeth(input, to, up, length);
    else return row;
    from += stride;
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
function undoFour(from: usize, stride: usize, to: usize, length: usize): bool {
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
    walk(from + at, stride, to + at, 0, length, 1, isPaeth);
    memory.fill(state + 8 * row, 0, 32 - 8 * row);
  }
  walk(from + at, stride, to + at, 0, length, 1, isPaeth);
  at += PIXEL;
  const second = load<u8>(to + length);
  const third = load<u8>(to + 2 * length);
  const fourth = load<u8>(to + 3 * length);
  walk(from + at, stride, to + at, 0, length, <i32>((length - at) / PIXEL), isPaeth);
  for (let ended = 1; ended < 4; ended++) {
    walk(from + length + <usize>(ended - 1) * PIXEL, stride, to + length + <usize>(ended - 1) * PIXEL, ended, length, 1, isPaeth);
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
function walk(
  from: usize,
  stride: usize,
  to: usize,
  ended: i32,
  length: usize,
  steps: i32,
  isPaeth: bool,
): void {
  if (isPaeth) walkAs(true, from, stride, to, ended, length, steps);
  else walkAs(false, from, stride, to, ended, length, steps);
}

// @ts-ignore: decorator
@inline
function walkAs(
  isPaeth: bool,
  from: usize,
  stride: usize,
  to: usize,
  ended: i32,
  length: usize,
  steps: i32,
): void {
  const from1 = from + 1;
  const from2 = from1 + stride - PIXEL;
  const from3 = from2 + stride - PIXEL;
  const from4 = from3 + stride - PIXEL;
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

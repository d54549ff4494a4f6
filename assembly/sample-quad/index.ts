// Pillow's QUAD transform (bilinear, double precision, cut off to 8 bits) to a square, and its Lanczos resize to a
// quarter of that side, fused: one row of the square at a time is sampled, filtered across at once, and kept in a ring of
// rows; every fourth row gives a row of output. The square itself never exists.
//
// Sampling is done in fixed point, eight samples of a channel at a time, and made exact. Positions come in units of 2^-16
// pixels. Against the exact one, a position is off by at most 1 (32 fractional bits cut off to 16, centred) + 0.5 (a step
// within the group, rounded) + 0.03 (4096 steps rounded to 2^-33), and 15 of the 16 bits make weights: 1.53 units in all,
// never to the right or down over a cell's border. (A cell: four pixels, between whose centres its samples lie.) With R
// the most by which pixels of the cell differ, a sample changes by at most R a pixel across, and R down: 3.06 R. The four
// weights have 15 bits and add up to exactly 1. One of them is rounded, by at most 1 unit, the others follow from it; so a
// sample is off by at most 1 unit of (nw - ne - sw + se), 2 R. The products are exact. The error is below 5.06 R units of
// 2^-16 grey levels, and a sample whose fraction is not within 6 R of a whole number is cut off to the right byte; with
// R = 0 all is exact. The others are computed again in double precision, in Pillow's order of operations. So are those
// whose position was rounded to a border of its cell: the exact one may belong to the cell beside it, and its R.
//
// Filtering is Pillow's 22-bit fixed point. The inner samples all have the same 24 symmetric coefficients k. With
// k = 32 m + e, m is of 16 bits, and the sum of products with m decides the byte except where the sum of those with e,
// which is bounded, could carry it over a border. It is added there, and nowhere else: 1 in 70.

const HALF: i32 = 1 << 21;
const PRECISION: i32 = 22;
const RING: i32 = 32;
const TAPS: i32 = 24;
/** Bytes beyond a row of a plane that sixteen bytes from any cell may reach. */
const REACH: i32 = 18;
/** The bits of a coefficient that `m` above leaves to `e`. */
const REST: i32 = 5;
/** Units of 2^-16 grey levels in which a sample is in doubt, for each grey level that its cell's pixels differ by. */
const DOUBT: i16 = 6;
/** Bytes of half a row of the square, and of a row of output, of one channel, with some room: for sides up to these. */
const LAST: usize = 4096 + 32;
const LINE: usize = 2 * LAST;
const RING_PLANE: usize = 1024 + 16;
const RING_ROW: usize = 3 * RING_PLANE;
/** From a row of the ring to the same once more. */
const AGAIN: usize = 32 * RING_ROW;
/** Where pairs of coefficients lie among the pinned vectors, in bytes. */
const ACROSS: usize = 16 * 8;
const ACROSS_REST: usize = 16 * 14;
const DOWN: usize = 16 * 20;
/** Bytes of what {@link layOnes} keeps of an output sample: 16 coefficients of either plane of a row, and what sums begin with. */
const ONE: usize = 2 * 64 + 16;
/** Room for vectors that are used in loops. */
const pins = memory.data(512, 16);
/** Columns and rows of eight samples within their window. */
const places = memory.data(32, 16);

/**
 * A vector that is used in a loop. V8 would compute it in the loop, again and again, wherever that can have no other
 * effect; a load stays where it is.
 */
// @ts-ignore: decorator
@inline
function pinned(vector: v128, nth: usize): v128 {
  v128.store(pins + nth * 16, vector);
  return v128.load(pins + nth * 16);
}

export function heapBase(): usize {
  return __heap_base;
}

/** Bytes from one row of a plane to the next. */
export function planeStride(width: i32): i32 {
  return width + REACH;
}

/**
 * Rows `first` to `last` (exclusive) of RGB, the first of which is at `from`, to three planes of 255 minus the pixels, with
 * a frame of one pixel that repeats the border. Only for pixels from `left` to `right` (exclusive), and those beside them.
 */
export function expand(
  from: usize,
  to: usize,
  width: i32,
  height: i32,
  left: i32,
  right: i32,
  first: i32,
  last: i32,
): void {
  const stride = <usize>planeStride(width);
  const plane = stride * <usize>(height + 2);
  for (let y = first; y < last; y++) {
    const row = from + <usize>(y - first) * <usize>width * 3;
    const at = to + <usize>(y + 1) * stride;
    expandRow(row, at, plane, width, left, right);
    if (y === 0) expandRow(row, at - stride, plane, width, left, right);
    if (y === height - 1) expandRow(row, at + stride, plane, width, left, right);
  }
}

function expandRow(row: usize, to: usize, plane: usize, width: i32, left: i32, right: i32): void {
  let input = row + <usize>left * 3;
  let output = to + <usize>left;
  storePixel(output, plane, left > 0 ? input - 3 : input);
  output++;
  let x = left;
  for (; x <= right && x + 16 <= width; x += 16) {
    const a = v128.not(v128.load(input));
    const b = v128.not(v128.load(input, 16));
    const c = v128.not(v128.load(input, 32));
    const red = i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
    const green = i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
    const blue = i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
    v128.store(output, i8x16.shuffle(red, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29));
    v128.store(
      output + plane,
      i8x16.shuffle(green, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30),
    );
    v128.store(
      output + 2 * plane,
      i8x16.shuffle(blue, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31),
    );
    input += 48;
    output += 16;
  }
  for (; x <= right && x < width; x++) {
    storePixel(output, plane, input);
    input += 3;
    output++;
  }
  if (x === width) storePixel(output, plane, input - 3);
}

/**
 * Three more planes, which say of each cell, named by its upper left pixel, how far its pixels differ at most; or one, of
 * all channels: more samples are in doubt then, but there is less to be fetched from memory. For rows `first` to `last`
 * (exclusive) of the planes; the next one must be there too.
 */
export function measureCells(
  planes: usize,
  width: i32,
  height: i32,
  left: i32,
  right: i32,
  first: i32,
  last: i32,
  isOne: bool,
): void {
  const stride = <usize>planeStride(width);
  const plane = stride * <usize>(height + 2);
  for (let y = first; y < last; y++) {
    for (let x = left; x <= right; x += 16) {
      const at = planes + <usize>y * stride + <usize>x;
      const red = rangeOf(at, stride);
      const green = rangeOf(at + plane, stride);
      const blue = rangeOf(at + 2 * plane, stride);
      if (isOne) {
        v128.store(at + 3 * plane, i8x16.max_u(i8x16.max_u(red, green), blue));
      } else {
        v128.store(at + 3 * plane, red);
        v128.store(at + 4 * plane, green);
        v128.store(at + 5 * plane, blue);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function storePixel(to: usize, plane: usize, from: usize): void {
  store<u8>(to, ~load<u8>(from));
  store<u8>(to + plane, ~load<u8>(from, 1));
  store<u8>(to + 2 * plane, ~load<u8>(from, 2));
}

// @ts-ignore: decorator
@inline
function rangeOf(at: usize, stride: usize): v128 {
  const nw = v128.load(at);
  const ne = v128.load(at, 1);
  const sw = v128.load(at + stride);
  const se = v128.load(at + stride, 1);
  const most = i8x16.max_u(i8x16.max_u(nw, ne), i8x16.max_u(sw, se));
  return i8x16.sub(most, i8x16.min_u(i8x16.min_u(nw, ne), i8x16.min_u(sw, se)));
}

// The picture, the transform, and where things lie: set by `sampleQuad`, read by the functions below.
let source: usize = 0;
let stride: usize = 0;
let sourcePlane: usize = 0;
/** From the pixels of each channel to its cells. */
let toRed: usize = 0;
let toGreen: usize = 0;
let toBlue: usize = 0;
let sourceWidth: f64 = 0;
let sourceHeight: f64 = 0;
let x0: f64 = 0;
let x1: f64 = 0;
let x2: f64 = 0;
let x3: f64 = 0;
let y0: f64 = 0;
let y1: f64 = 0;
let y2: f64 = 0;
let y3: f64 = 0;
/**
 * One row of the square, in units of four samples: for each channel a plane of the first two of each unit and a plane of
 * the last two, those in reverse; 16 bits a sample, less 255. So the two ends of a symmetric filter lie in the same order.
 */
let line: usize = 0;
/** Starts, counts and coefficients of the output samples, `tapWidth` coefficients each. */
let starts: usize = 0;
let counts: usize = 0;
let coefficients: usize = 0;
let tapWidth: i32 = 0;
/** Where the inner samples' coefficients are. */
let shared: usize = 0;
/** What {@link filterOne} filters by. */
let ones: usize = 0;
/** For sums of products with `m`: half the width of doubt, in units of 2^(5 - 22). */
let doubt: i32 = 0;
/** What sums of products with `m` begin with: Pillow's half, the mean of those with `e`, and half the width of doubt. */
let halfAcross: i32 = 0;
let halfDown: i32 = 0;
/** What exact sums of samples less 255 begin with. */
let exactAcross: i32 = 0;

export function workBytes(): usize {
  return 3 * LINE + 2 * AGAIN + RING_PLANE * ONE;
}

/**
 * `coefficientsAt`: x0..x3, y0..y3 as doubles. `size`: side of the square, at most 4096, and four times the output's.
 * `inner`: first output sample with all 24 taps; those from there to `outer` share its coefficients, which are symmetric.
 * `strip`: so many columns of the output are made from top to bottom before the next ones, a multiple of 8. Where the square
 * is turned, a row of it crosses very many of the picture's; part of a row crosses few enough for the nearest caches.
 * `isOne`: as it was for `measureCells`.
 * `work` has room for `workBytes`. Output: RGB.
 */
export function sampleQuad(
  sourceAt: usize,
  width: i32,
  height: i32,
  coefficientsAt: usize,
  size: i32,
  tapsAt: usize,
  widthOfTaps: i32,
  inner: i32,
  outer: i32,
  strip: i32,
  isOne: bool,
  work: usize,
  output: usize,
): void {
  source = sourceAt;
  stride = <usize>planeStride(width);
  sourcePlane = stride * <usize>(height + 2);
  toRed = 3 * sourcePlane;
  toGreen = isOne ? 2 * sourcePlane : toRed;
  toBlue = isOne ? sourcePlane : toRed;
  sourceWidth = <f64>width;
  sourceHeight = <f64>height;
  x0 = load<f64>(coefficientsAt);
  x1 = load<f64>(coefficientsAt, 8);
  x2 = load<f64>(coefficientsAt, 16);
  x3 = load<f64>(coefficientsAt, 24);
  y0 = load<f64>(coefficientsAt, 32);
  y1 = load<f64>(coefficientsAt, 40);
  y2 = load<f64>(coefficientsAt, 48);
  y3 = load<f64>(coefficientsAt, 56);
  const outputSize = size / 4;
  starts = tapsAt;
  counts = starts + <usize>outputSize * 4;
  coefficients = counts + <usize>outputSize * 4;
  tapWidth = widthOfTaps;
  shared = coefficients + <usize>inner * <usize>tapWidth * 4;
  measureRest();
  layPairs();
  line = work;
  const ring = line + 3 * LINE;
  ones = ring + 2 * AGAIN;
  layOnes(outputSize);
  for (let first = 0; first < outputSize; first += strip) {
    const last = min(first + strip, outputSize);
    // What the filter reaches on both sides, and up to three columns more that it makes together with the last.
    const from = max(4 * first - 16, 0);
    const to = min(4 * last + 24, size);
    let next = 0;
    for (let row = 0; row < size; row++) {
      sampleRow(row, from, to);
      const kept = ring + <usize>(row & (RING - 1)) * RING_ROW;
      for (let channel: usize = 0; channel < 3; channel++) {
        filterAcross(line + channel * LINE, kept + channel * RING_PLANE, inner, outer, first, last);
      }
      while (next < outputSize && row >= lastRowOf(next)) {
        const target = output + <usize>next * <usize>outputSize * 3;
        filterDown(ring, next, next >= inner && next < outer, first, last, target);
        next++;
      }
    }
  }
}

/**
 * An exact sum is 32 times that with `m` plus that with `e`, over 12 pairs of samples. Pairs are -510 to 0 across, where
 * samples are less 255, and 0 to 510 down; so the sum with `e` is within 255 x (sum of |e|) of its middle.
 */
function measureRest(): void {
  let all = 0;
  let rest = 0;
  let most = 0;
  for (let tap = 0; tap < TAPS / 2; tap++) {
    const k = load<i32>(shared + <usize>tap * 4);
    const e = restOfOne(k);
    all += 2 * k;
    rest += e;
    most += abs(e);
  }
  exactAcross = HALF + 255 * all;
  // Two more for what the shifts here cut off.
  doubt = ((255 * most) >> REST) + 2;
  halfAcross = ((exactAcross - 255 * rest) >> REST) + doubt;
  halfDown = ((HALF + 255 * rest) >> REST) + doubt;
}

/** Pairs of coefficients, four times over, in the order in which samples lie in a row, and in that of rows. */
function layPairs(): void {
  for (let pair = 0; pair < TAPS / 4; pair++) {
    const even = load<i32>(shared + <usize>pair * 8);
    const odd = load<i32>(shared + <usize>pair * 8, 4);
    const to = pins + 16 * <usize>pair;
    // Across, the last two samples of a unit lie in reverse, and the filter begins with such two.
    const first = pair % 2 === 0 ? odd : even;
    const second = pair % 2 === 0 ? even : odd;
    v128.store(to, pairOf(mainOf(first), mainOf(second)), ACROSS);
    v128.store(to, pairOf(restOfOne(first), restOfOne(second)), ACROSS_REST);
    v128.store(to, pairOf(mainOf(even), mainOf(odd)), DOWN);
  }
}

function pairOf(first: i32, second: i32): v128 {
  return i32x4.splat((first & 0xffff) | (second << 16));
}

/** Of each output sample the coefficients in the order in which samples lie in a row, from the first one's unit on. */
function layOnes(outputSize: i32): void {
  for (let i: usize = 0; i < <usize>outputSize; i++) {
    const to = ones + i * ONE;
    memory.fill(to, 0, ONE);
    const start = load<i32>(starts + i * 4);
    const k = coefficients + i * <usize>tapWidth * 4;
    let all = 0;
    for (let tap = 0; tap < load<i32>(counts + i * 4); tap++) {
      const one = load<i32>(k + <usize>tap * 4);
      const column = (start & 3) + tap;
      const nth = column & 3;
      const place = nth < 2 ? (column >> 2) * 8 + nth * 4 : 64 + (column >> 2) * 8 + (3 - nth) * 4;
      store<i32>(to + <usize>place, one);
      all += one;
    }
    store<i32>(to, HALF + 255 * all, 128);
  }
}

/** `m` of a coefficient. */
function mainOf(k: i32): i32 {
  return (k + (1 << (REST - 1))) >> REST;
}

/** Its `e`. */
function restOfOne(k: i32): i32 {
  return k - (mainOf(k) << REST);
}

function lastRowOf(sample: i32): i32 {
  const at = <usize>sample * 4;
  return load<i32>(starts + at) + load<i32>(counts + at) - 1;
}

/** Columns `begin`, a multiple of 8, to `end` (exclusive) of one row of the square. */
function sampleRow(row: i32, begin: i32, end: i32): void {
  const v = <f64>row + 0.5;
  const startX = x0 + x2 * v;
  const stepX = x1 + x3 * v;
  const startY = y0 + y2 * v;
  const stepY = y1 + y3 * v;
  // Columns whose position is surely inside the picture, a hundredth of a pixel from its border.
  let first = <f64>begin;
  let last = <f64>end;
  const low = 0.01;
  if (Math.abs(stepX) < 1e-9) {
    if (startX < low + 1 || startX > sourceWidth - low - 1) last = 0;
  } else {
    const a = (low - startX) / stepX;
    const b = (sourceWidth - low - startX) / stepX;
    first = max(first, min(a, b));
    last = min(last, max(a, b));
  }
  if (Math.abs(stepY) < 1e-9) {
    if (startY < low + 1 || startY > sourceHeight - low - 1) last = 0;
  } else {
    const a = (low - startY) / stepY;
    const b = (sourceHeight - low - startY) / stepY;
    first = max(first, min(a, b));
    last = min(last, max(a, b));
  }
  // Groups of eight begin at every eighth column.
  let from = first === <f64>begin ? begin : (<i32>Math.ceil(min(first + 0.5, <f64>end)) + 7) & ~7;
  let to = last === <f64>end ? end : <i32>Math.floor(max(last - 0.5, 0.0));
  if (to - from < 8) {
    from = end;
    to = end;
  }
  for (let column = begin; column < from; column++) samplePixel(column, v, false);
  // Steps at which eight samples lie in 8 columns and 5 rows, or else four of them.
  const isNarrow = abs(stepX) * 7 < 5.999 && abs(stepY) * 7 < 3.999;
  const isHalfNarrow = abs(stepX) * 3 < 5.999 && abs(stepY) * 3 < 2.999;
  const rest = isNarrow
    ? sampleNarrow(from, to, v, startX, stepX, startY, stepY)
    : isHalfNarrow
      ? sampleHalfNarrow(from, to, v, startX, stepX, startY, stepY)
      : sampleWide(from, to, v, startX, stepX, startY, stepY);
  for (let column = rest; column < end; column++) samplePixel(column, v, false);
}

/** {@link sampleInside} where most groups lie in 5 rows. */
function sampleNarrow(from: i32, to: i32, v: f64, startX: f64, stepX: f64, startY: f64, stepY: f64): i32 {
  return sampleInside(from, to, v, startX, stepX, startY, stepY, true, false);
}

/** {@link sampleInside} where halves of groups do. */
function sampleHalfNarrow(from: i32, to: i32, v: f64, startX: f64, stepX: f64, startY: f64, stepY: f64): i32 {
  return sampleInside(from, to, v, startX, stepX, startY, stepY, false, true);
}

/** {@link sampleInside} where samples lie anywhere. */
function sampleWide(from: i32, to: i32, v: f64, startX: f64, stepX: f64, startY: f64, stepY: f64): i32 {
  return sampleInside(from, to, v, startX, stepX, startY, stepY, false, false);
}

/** Pixels from `from` on whose neighbours all exist, eight at a time; answers the first that is left. */
// @ts-ignore: decorator
@inline
function sampleInside(
  from: i32,
  to: i32,
  v: f64,
  startX: f64,
  stepX: f64,
  startY: f64,
  stepY: f64,
  isNarrow: bool,
  isHalfNarrow: bool,
): i32 {
  const one: f64 = 4294967296.0;
  const u = <f64>from + 0.5;
  const dx = <i64>Math.round(stepX * one);
  const dy = <i64>Math.round(stepY * one);
  const leastX = min(<i64>0, 7 * dx);
  const leastY = min(<i64>0, 7 * dy);
  // The least position of a group, in 32 fractional bits. A unit of 16 bits is added: half for each time that bits are
  // cut off.
  let x = <i64>((startX + stepX * u - 0.5) * one) + leastX + (1 << 16);
  let y = <i64>((startY + stepY * u - 0.5) * one) + leastY + (1 << 16);
  // Samples come in the order 0 4 3 7 1 5 2 6, of which the even ones and the odd ones are computed apart. The upper bit
  // marks bytes to be zero, below.
  const mark = i32x4.splat(0x80000000);
  const evenX = pinned(v128.or(steps(dx, leastX, 0, 3, 1, 2), mark), 0);
  const oddX = pinned(v128.or(steps(dx, leastX, 4, 7, 5, 6), mark), 1);
  const evenY = pinned(steps(dy, leastY, 0, 3, 1, 2), 2);
  const oddY = pinned(steps(dy, leastY, 4, 7, 5, 6), 3);
  // Groups whose first row begins above these lie in 3 or 5 rows.
  const room = <i32>((abs(dy) * 7 + 0xffff) >> 16) + 1;
  store<i32>(places, (2 << 16) - room);
  store<i32>(places, (4 << 16) - room, 4);
  const lowest = load<i32>(places);
  const lowestOfFive = load<i32>(places, 4);
  const isForwardX = dx >= 0;
  const isForwardY = dy >= 0;
  const zero = pinned(i16x8.splat(0), 4);
  const minusOne = pinned(i16x8.splat(-32768), 5);
  const right = pinned(i32x4.splat(1 << 16), 6);
  const doubt = pinned(i16x8.splat(DOUBT), 7);
  const down1 = stride;
  const redCells = toRed;
  const greenCells = toGreen;
  const blueCells = toBlue;
  const red = line;
  // The frame's pixel stands before the picture's first.
  const origin = source + down1 + 1;
  const nextPlane = sourcePlane;
  let column = from;
  for (; column + 8 <= to; column += 8) {
    const lowX = i32x4.splat(<i32>((<u32>x) >> 16));
    const lowY = i32x4.splat(<i32>((<u32>y) >> 16));
    const at = origin + <usize>(<i32>(y >> 32)) * down1 + <usize>(<i32>(x >> 32));
    const row = <i32>((<u32>y) >> 16);
    x += dx * 8;
    y += dy * 8;
    const evensX = i32x4.add(lowX, evenX);
    const oddsX = i32x4.add(lowX, oddX);
    const evensY = i32x4.add(lowY, evenY);
    const oddsY = i32x4.add(lowY, oddY);
    const across = i16x8.shr_u(mixed(evensX, i32x4.shl(oddsX, 16)), 1);
    const down = i16x8.shr_u(mixed(evensY, i32x4.shl(oddsY, 16)), 1);
    const columns = mixed(i32x4.shr_u(evensX, 16), oddsX);
    const rows = mixed(i32x4.shr_u(evensY, 16), oddsY);
    // Weights of the four pixels, negative: the largest, of -1, fits in 16 bits.
    const both = i16x8.q15mulr_sat_s(across, down);
    const se = i16x8.sub(zero, both);
    const sw = i16x8.sub(both, down);
    const ne = i16x8.sub(both, across);
    const nw = i16x8.add(i16x8.sub(across, sw), minusOne);
    const north0 = leftOf(nw, ne);
    const north1 = rightOf(nw, ne);
    const south0 = leftOf(sw, se);
    const south1 = rightOf(sw, se);
    const to = red + <usize>column;
    let inDoubt: v128;
    if (isNarrow && row < lowestOfFive) {
      // A vector holds two rows. Of each sample the places of a pixel and of its right neighbour.
      const index = i16x8.add(columns, i16x8.shl(rows, 3));
      const pairs = i8x16(0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7);
      const pairs0 = i32x4.add(i8x16.swizzle(index, pairs), right);
      const lower = i8x16(8, 9, 8, 9, 10, 11, 10, 11, 12, 13, 12, 13, 14, 15, 14, 15);
      const pairs1 = i32x4.add(i8x16.swizzle(index, lower), right);
      const cells = i8x16.swizzle(index, i8x16(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
      if (row < lowest) {
        inDoubt = v128.or(
          v128.or(
            sampleNear(at, down1, redCells, pairs0, pairs1, cells, north0, north1, south0, south1, doubt, to, false),
            sampleNear(at + nextPlane, down1, greenCells, pairs0, pairs1, cells, north0, north1, south0, south1, doubt, to + LINE, false),
          ),
          sampleNear(at + 2 * nextPlane, down1, blueCells, pairs0, pairs1, cells, north0, north1, south0, south1, doubt, to + 2 * LINE, false),
        );
      } else {
        inDoubt = v128.or(
          v128.or(
            sampleNear(at, down1, redCells, pairs0, pairs1, cells, north0, north1, south0, south1, doubt, to, true),
            sampleNear(at + nextPlane, down1, greenCells, pairs0, pairs1, cells, north0, north1, south0, south1, doubt, to + LINE, true),
          ),
          sampleNear(at + 2 * nextPlane, down1, blueCells, pairs0, pairs1, cells, north0, north1, south0, south1, doubt, to + 2 * LINE, true),
        );
      }
    } else if (isHalfNarrow) {
      // The first four samples and the last four, each from the least column and row of its own. Lanes of columns are of
      // samples 0 4 3 7 1 5 2 6.
      const column0 = isForwardX ? 0 : <i32>i16x8.extract_lane_u(columns, 2) & 0x7fff;
      const column1 = isForwardX ? <i32>i16x8.extract_lane_u(columns, 1) & 0x7fff : 0;
      const row0 = isForwardY ? 0 : <i32>i16x8.extract_lane_u(rows, 2);
      const row1 = isForwardY ? <i32>i16x8.extract_lane_u(rows, 1) : 0;
      const least = i32x4.splat((column0 + (row0 << 3)) | ((column1 + (row1 << 3)) << 16));
      const index = i16x8.sub(i16x8.add(columns, i16x8.shl(rows, 3)), least);
      const evens = i8x16(0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13);
      const odds = i8x16(2, 3, 2, 3, 6, 7, 6, 7, 10, 11, 10, 11, 14, 15, 14, 15);
      const pairs0 = i32x4.add(i8x16.swizzle(index, evens), right);
      const pairs1 = i32x4.add(i8x16.swizzle(index, odds), right);
      const first0 = v128.shuffle<i16>(nw, ne, 0, 8, 2, 10, 4, 12, 6, 14);
      const first1 = v128.shuffle<i16>(nw, ne, 1, 9, 3, 11, 5, 13, 7, 15);
      const second0 = v128.shuffle<i16>(sw, se, 0, 8, 2, 10, 4, 12, 6, 14);
      const second1 = v128.shuffle<i16>(sw, se, 1, 9, 3, 11, 5, 13, 7, 15);
      // Where the other half's samples are, a marked byte.
      const cells0 = i8x16.swizzle(index, i8x16(0, 1, 8, 9, 1, 1, 1, 1, 4, 5, 12, 13, 1, 1, 1, 1));
      const cells1 = i8x16.swizzle(index, i8x16(1, 1, 1, 1, 2, 3, 10, 11, 1, 1, 1, 1, 6, 7, 14, 15));
      const at0 = at + <usize>row0 * down1 + <usize>column0;
      const at1 = at + <usize>row1 * down1 + <usize>column1;
      inDoubt = v128.or(
        v128.or(
          sampleHalves(at0, at1, down1, redCells, pairs0, pairs1, cells0, cells1, first0, first1, second0, second1, doubt, to),
          sampleHalves(at0 + nextPlane, at1 + nextPlane, down1, greenCells, pairs0, pairs1, cells0, cells1, first0, first1, second0, second1, doubt, to + LINE),
        ),
        sampleHalves(at0 + 2 * nextPlane, at1 + 2 * nextPlane, down1, blueCells, pairs0, pairs1, cells0, cells1, first0, first1, second0, second1, doubt, to + 2 * LINE),
      );
    } else {
      v128.store(places, columns);
      v128.store(places, rows, 16);
      inDoubt = v128.or(
        v128.or(
          sampleApart(at, redCells, north0, north1, south0, south1, to),
          sampleApart(at + nextPlane, greenCells, north0, north1, south0, south1, to + LINE),
        ),
        sampleApart(at + 2 * nextPlane, blueCells, north0, north1, south0, south1, to + 2 * LINE),
      );
    }
    const onBorder = i16x8.eq(i16x8.min_s(across, down), zero);
    if (v128.any_true(v128.or(inDoubt, onBorder))) {
      // Samples were stored in the order 0 1 4 5 3 2 7 6.
      const stored = v128.shuffle<i16>(onBorder, onBorder, 0, 4, 1, 5, 2, 6, 3, 7);
      let doubts = i16x8.bitmask(v128.or(inDoubt, stored));
      while (doubts !== 0) {
        samplePixel(column + ((0x67235410 >> (ctz(doubts) << 2)) & 7), v, true);
        doubts &= doubts - 1;
      }
    }
  }
  return column;
}

/** `a` to `d` steps from the least one, in 16 fractional bits, rounded. */
// @ts-ignore: decorator
@inline
function steps(step: i64, least: i64, a: i32, b: i32, c: i32, d: i32): v128 {
  let all = i32x4.splat(<i32>((step * a - least + 0x8000) >> 16));
  all = i32x4.replace_lane(all, 1, <i32>((step * b - least + 0x8000) >> 16));
  all = i32x4.replace_lane(all, 2, <i32>((step * c - least + 0x8000) >> 16));
  return i32x4.replace_lane(all, 3, <i32>((step * d - least + 0x8000) >> 16));
}

/** Numbers of 16 bits: the even ones of `a`, the odd ones of `b`. */
// @ts-ignore: decorator
@inline
function mixed(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 9, 2, 11, 4, 13, 6, 15);
}

/** Eight bytes of two rows of a plane. */
// @ts-ignore: decorator
@inline
function twoRows(one: usize, next: usize): v128 {
  return v128.load64_lane(next, v128.load64_zero(one), 1);
}

/** What `index` says of the bytes at `at` and below: of two rows, or of four. */
// @ts-ignore: decorator
@inline
function gathered(at: usize, stride: usize, index: v128, isFour: bool): v128 {
  const found = i8x16.swizzle(twoRows(at, at + stride), index);
  if (!isFour) return found;
  // Places beyond a vector's end give zero, on either side.
  const next = at + 2 * stride;
  const others = i8x16.sub(index, i8x16.splat(16));
  return v128.or(found, i8x16.swizzle(twoRows(next, next + stride), others));
}

/** Eight samples of one channel, from 3 rows or 5; answers which of them are in doubt. */
// @ts-ignore: decorator
@inline
function sampleNear(
  at: usize,
  stride: usize,
  toCells: usize,
  pairs0: v128,
  pairs1: v128,
  cells: v128,
  north0: v128,
  north1: v128,
  south0: v128,
  south1: v128,
  doubt: v128,
  to: usize,
  isFive: bool,
): v128 {
  const next = at + stride;
  const sums0 = i32x4.add(
    i32x4.dot_i16x8_s(gathered(at, stride, pairs0, isFive), north0),
    i32x4.dot_i16x8_s(gathered(next, stride, pairs0, isFive), south0),
  );
  const sums1 = i32x4.add(
    i32x4.dot_i16x8_s(gathered(at, stride, pairs1, isFive), north1),
    i32x4.dot_i16x8_s(gathered(next, stride, pairs1, isFive), south1),
  );
  const ranges = gathered(at + toCells, stride, cells, isFive);
  return storeSamples(sums0, sums1, i16x8.mul(ranges, doubt), to);
}

/** {@link sampleNear} with the first four samples at one place, in the order 0 3 1 2, and the others at another. */
// @ts-ignore: decorator
@inline
function sampleHalves(
  at0: usize,
  at1: usize,
  stride: usize,
  toCells: usize,
  pairs0: v128,
  pairs1: v128,
  cells0: v128,
  cells1: v128,
  north0: v128,
  north1: v128,
  south0: v128,
  south1: v128,
  doubt: v128,
  to: usize,
): v128 {
  const half0 = i32x4.add(
    i32x4.dot_i16x8_s(gathered(at0, stride, pairs0, true), north0),
    i32x4.dot_i16x8_s(gathered(at0 + stride, stride, pairs0, true), south0),
  );
  const half1 = i32x4.add(
    i32x4.dot_i16x8_s(gathered(at1, stride, pairs1, true), north1),
    i32x4.dot_i16x8_s(gathered(at1 + stride, stride, pairs1, true), south1),
  );
  const sums0 = v128.shuffle<i32>(half0, half1, 0, 4, 1, 5);
  const sums1 = v128.shuffle<i32>(half0, half1, 2, 6, 3, 7);
  const ranges = v128.or(
    gathered(at0 + toCells, stride, cells0, true),
    gathered(at1 + toCells, stride, cells1, true),
  );
  return storeSamples(sums0, sums1, i16x8.mul(ranges, doubt), to);
}

/**
 * Negative weights times 255 minus a pixel: the sums are of samples less 255, with 15 fractional bits. Answers which have
 * fractions nearer than `limit` to a whole number, in units of 2^-16.
 */
// @ts-ignore: decorator
@inline
function storeSamples(sums0: v128, sums1: v128, limit: v128, to: usize): v128 {
  const twice0 = i32x4.shl(sums0, 1);
  const twice1 = i32x4.shl(sums1, 1);
  const values = mixed(i32x4.shr_u(twice0, 16), twice1);
  v128.store64_lane(to, values, 0);
  v128.store64_lane(to, values, 1, LAST);
  return i16x8.gt_s(limit, i16x8.abs(mixed(twice0, i32x4.shl(twice1, 16))));
}

/** {@link sampleNear} for samples that lie anywhere, as `places` say: each pixel is loaded by itself. */
function sampleApart(
  at: usize,
  toCells: usize,
  north0: v128,
  north1: v128,
  south0: v128,
  south1: v128,
  to: usize,
): v128 {
  const above = pairsApart(at);
  const below = pairsApart(at + stride);
  const sums0 = i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(above), north0),
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(below), south0),
  );
  const sums1 = i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(above), north1),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(below), south1),
  );
  const limit = i16x8.mul(rangesApart(at + toCells), i16x8.splat(DOUBT));
  return storeSamples(sums0, sums1, limit, to);
}

/** Where the `nth` of the eight samples at `places` lies. */
// @ts-ignore: decorator
@inline
function placeApart(at: usize, nth: usize): usize {
  const column = <usize>(load<u16>(places + 2 * nth) & 0x7fff);
  return at + <usize>load<u16>(places + 2 * nth, 16) * stride + column;
}

// @ts-ignore: decorator
@inline
function pairsApart(at: usize): v128 {
  let pairs = i16x8.splat(0);
  pairs = v128.load16_lane(placeApart(at, 0), pairs, 0);
  pairs = v128.load16_lane(placeApart(at, 1), pairs, 1);
  pairs = v128.load16_lane(placeApart(at, 2), pairs, 2);
  pairs = v128.load16_lane(placeApart(at, 3), pairs, 3);
  pairs = v128.load16_lane(placeApart(at, 4), pairs, 4);
  pairs = v128.load16_lane(placeApart(at, 5), pairs, 5);
  pairs = v128.load16_lane(placeApart(at, 6), pairs, 6);
  return v128.load16_lane(placeApart(at, 7), pairs, 7);
}

/** Ranges of the eight cells, in the order in which samples are stored. */
function rangesApart(at: usize): v128 {
  let ranges = i16x8.splat(0);
  ranges = v128.load8_lane(placeApart(at, 0), ranges, 0);
  ranges = v128.load8_lane(placeApart(at, 4), ranges, 2);
  ranges = v128.load8_lane(placeApart(at, 1), ranges, 4);
  ranges = v128.load8_lane(placeApart(at, 5), ranges, 6);
  ranges = v128.load8_lane(placeApart(at, 2), ranges, 8);
  ranges = v128.load8_lane(placeApart(at, 6), ranges, 10);
  ranges = v128.load8_lane(placeApart(at, 3), ranges, 12);
  return v128.load8_lane(placeApart(at, 7), ranges, 14);
}

/** Where a sample of a channel's row lies. */
// @ts-ignore: decorator
@inline
function placeOf(column: i32): usize {
  const unit = <usize>(column & ~3);
  const nth = column & 3;
  return nth < 2 ? unit + <usize>(nth << 1) : LAST + unit + <usize>((3 - nth) << 1);
}

/** One sample by Pillow's own arithmetic. `isInside`: surely in the picture. */
function samplePixel(column: i32, v: f64, isInside: bool): void {
  const u = <f64>column + 0.5;
  const positionX = x0 + x1 * u + x2 * v + x3 * u * v;
  const positionY = y0 + y1 * u + y2 * v + y3 * u * v;
  const out = line + placeOf(column);
  if (!isInside && !(positionX >= 0 && positionX < sourceWidth && positionY >= 0 && positionY < sourceHeight)) {
    store<i16>(out, -255);
    store<i16>(out + LINE, -255);
    store<i16>(out + 2 * LINE, -255);
    return;
  }
  const x = floor(positionX - 0.5);
  const y = floor(positionY - 0.5);
  const at = source + <usize>(<i32>y + 1) * stride + <usize>(<i32>x + 1);
  const right = positionX - 0.5 - x;
  const down = positionY - 0.5 - y;
  store<i16>(out, mixedAt(at, right, down));
  store<i16>(out + LINE, mixedAt(at + sourcePlane, right, down));
  store<i16>(out + 2 * LINE, mixedAt(at + 2 * sourcePlane, right, down));
}

// @ts-ignore: decorator
@inline
function mixedAt(at: usize, right: f64, down: f64): i16 {
  const nw = <f64>(255 - <i32>load<u8>(at));
  const ne = <f64>(255 - <i32>load<u8>(at, 1));
  const sw = <f64>(255 - <i32>load<u8>(at + stride));
  const se = <f64>(255 - <i32>load<u8>(at + stride, 1));
  const top = nw + (ne - nw) * right;
  const bottom = sw + (se - sw) * right;
  return <i16>(<i32>(top + (bottom - top) * down) - 255);
}

/**
 * Output columns `first` to `last` (exclusive) of one plane of a row, in bytes, and perhaps three more; written twice, for
 * {@link filterDown}.
 */
function filterAcross(from: usize, to: usize, inner: i32, outer: i32, first: i32, last: i32): void {
  let i = first;
  for (; i < min(inner, last); i++) filterOne(from, to, i);
  const main0 = v128.load(pins, ACROSS);
  const main1 = v128.load(pins, ACROSS + 16);
  const main2 = v128.load(pins, ACROSS + 32);
  const main3 = v128.load(pins, ACROSS + 48);
  const main4 = v128.load(pins, ACROSS + 64);
  const main5 = v128.load(pins, ACROSS + 80);
  const half = pinned(i32x4.splat(halfAcross), 0);
  const fraction = pinned(i32x4.splat((1 << (PRECISION - REST)) - 1), 1);
  const limit = pinned(i32x4.splat(2 * doubt), 2);
  const end = min(last, outer - 3);
  for (; i < end; i += 4) {
    // An output sample reaches from the last half of the third unit before its own to the first half of the third after.
    const unit = from + <usize>i * 4 - 12;
    const sum0 = i16x8.add(v128.load(unit, LAST), v128.load(unit, 24));
    const sum1 = i16x8.add(v128.load(unit, 4), v128.load(unit, LAST + 20));
    const sum2 = i16x8.add(v128.load(unit, LAST + 4), v128.load(unit, 20));
    const sum3 = i16x8.add(v128.load(unit, 8), v128.load(unit, LAST + 16));
    const sum4 = i16x8.add(v128.load(unit, LAST + 8), v128.load(unit, 16));
    const sum5 = i16x8.add(v128.load(unit, 12), v128.load(unit, LAST + 12));
    const sums = i32x4.add(
      i32x4.add(
        i32x4.add(i32x4.dot_i16x8_s(sum0, main0), i32x4.dot_i16x8_s(sum1, main1)),
        i32x4.add(i32x4.dot_i16x8_s(sum2, main2), i32x4.dot_i16x8_s(sum3, main3)),
      ),
      i32x4.add(i32x4.add(i32x4.dot_i16x8_s(sum4, main4), i32x4.dot_i16x8_s(sum5, main5)), half),
    );
    storeFour(to + <usize>i, i32x4.shr_s(sums, PRECISION - REST));
    if (v128.any_true(i32x4.gt_s(limit, v128.and(sums, fraction)))) {
      const rest = i32x4.add(
        i32x4.add(
          i32x4.add(restOf(sum0, 0), restOf(sum1, 16)),
          i32x4.add(restOf(sum2, 32), restOf(sum3, 48)),
        ),
        i32x4.add(restOf(sum4, 64), restOf(sum5, 80)),
      );
      const exact = i32x4.add(i32x4.shl(i32x4.sub(sums, half), REST), rest);
      storeFour(to + <usize>i, i32x4.shr_s(i32x4.add(exact, i32x4.splat(exactAcross)), PRECISION));
    }
  }
  for (; i < last; i++) filterOne(from, to, i);
}

// @ts-ignore: decorator
@inline
function storeFour(to: usize, values: v128): void {
  const words = i16x8.narrow_i32x4_s(values, values);
  const bytes = i8x16.narrow_i16x8_u(words, words);
  v128.store32_lane(to, bytes, 0);
  v128.store32_lane(to, bytes, 0, AGAIN);
}

/** Products with a pair of `e`. */
// @ts-ignore: decorator
@inline
function restOf(sum: v128, nth: usize): v128 {
  return i32x4.dot_i16x8_s(sum, v128.load(pins + nth, ACROSS_REST));
}

function filterOne(from: usize, to: usize, i: i32): void {
  const unit = from + <usize>(load<i32>(starts + <usize>i * 4) & ~3);
  const k = ones + <usize>i * ONE;
  const products = i32x4.add(
    i32x4.add(productsOf(unit, k), productsOf(unit + 16, k + 32)),
    i32x4.add(productsOf(unit + LAST, k + 64), productsOf(unit + LAST + 16, k + 96)),
  );
  const pairs = i32x4.add(products, v128.shuffle<i32>(products, products, 2, 3, 0, 1));
  const sum = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1) + load<i32>(k, 128);
  const value = clip(sum >> PRECISION);
  store<u8>(to + <usize>i, value);
  store<u8>(to + <usize>i, value, AGAIN);
}

/** Of eight samples with a coefficient each. */
// @ts-ignore: decorator
@inline
function productsOf(samples: usize, k: usize): v128 {
  const eight = v128.load(samples);
  return i32x4.add(
    i32x4.mul(i32x4.extend_low_i16x8_s(eight), v128.load(k)),
    i32x4.mul(i32x4.extend_high_i16x8_s(eight), v128.load(k, 16)),
  );
}

// @ts-ignore: decorator
@inline
function clip(value: i32): u8 {
  return <u8>(value < 0 ? 0 : value > 255 ? 255 : value);
}

/** Columns `first` to `last` (exclusive) of one row of output, from the ring. */
function filterDown(ring: usize, row: i32, isInner: bool, first: i32, last: i32, to: usize): void {
  const start = load<i32>(starts + <usize>row * 4);
  // Each row is there twice, so that those of any output row follow each other.
  const top = ring + <usize>(start & (RING - 1)) * RING_ROW;
  for (let channel: usize = 0; channel < 3; channel++) {
    const at = top + channel * RING_PLANE;
    let column = <usize>first;
    if (isInner) column = downInner(at, column, <usize>last, row, to + channel);
    for (; column < <usize>last; column++) downOne(at + column, row, to + column * 3 + channel);
  }
}

function downOne(at: usize, row: i32, to: usize): void {
  const count = load<i32>(counts + <usize>row * 4);
  const k = coefficients + <usize>row * <usize>tapWidth * 4;
  let sum = HALF;
  for (let tap = 0; tap < count; tap++) {
    sum += load<i32>(k + <usize>tap * 4) * <i32>load<u8>(at + <usize>tap * RING_ROW);
  }
  store<u8>(to, clip(sum >> PRECISION));
}

/** All columns but the last few, eight at once; coefficients are symmetric, so rows are added in pairs first. */
function downInner(from: usize, first: usize, last: usize, row: i32, output: usize): usize {
  const main0 = v128.load(pins, DOWN);
  const main1 = v128.load(pins, DOWN + 16);
  const main2 = v128.load(pins, DOWN + 32);
  const main3 = v128.load(pins, DOWN + 48);
  const main4 = v128.load(pins, DOWN + 64);
  const main5 = v128.load(pins, DOWN + 80);
  const half = pinned(i32x4.splat(halfDown), 0);
  const fraction = pinned(i32x4.splat((1 << (PRECISION - REST)) - 1), 1);
  const limit = pinned(i32x4.splat(2 * doubt), 2);
  let column = first;
  for (; column + 8 <= last; column += 8) {
    const at = from + column;
    const row0 = rowPair(at, 0);
    const row1 = rowPair(at, 1);
    const row2 = rowPair(at, 2);
    const row3 = rowPair(at, 3);
    const row4 = rowPair(at, 4);
    const row5 = rowPair(at, 5);
    const row6 = rowPair(at, 6);
    const row7 = rowPair(at, 7);
    const row8 = rowPair(at, 8);
    const row9 = rowPair(at, 9);
    const row10 = rowPair(at, 10);
    const row11 = rowPair(at, 11);
    let left = i32x4.add(half, i32x4.dot_i16x8_s(leftOf(row0, row1), main0));
    left = i32x4.add(left, i32x4.dot_i16x8_s(leftOf(row2, row3), main1));
    left = i32x4.add(left, i32x4.dot_i16x8_s(leftOf(row4, row5), main2));
    left = i32x4.add(left, i32x4.dot_i16x8_s(leftOf(row6, row7), main3));
    left = i32x4.add(left, i32x4.dot_i16x8_s(leftOf(row8, row9), main4));
    left = i32x4.add(left, i32x4.dot_i16x8_s(leftOf(row10, row11), main5));
    let right = i32x4.add(half, i32x4.dot_i16x8_s(rightOf(row0, row1), main0));
    right = i32x4.add(right, i32x4.dot_i16x8_s(rightOf(row2, row3), main1));
    right = i32x4.add(right, i32x4.dot_i16x8_s(rightOf(row4, row5), main2));
    right = i32x4.add(right, i32x4.dot_i16x8_s(rightOf(row6, row7), main3));
    right = i32x4.add(right, i32x4.dot_i16x8_s(rightOf(row8, row9), main4));
    right = i32x4.add(right, i32x4.dot_i16x8_s(rightOf(row10, row11), main5));
    const words = i16x8.narrow_i32x4_s(
      i32x4.shr_s(left, PRECISION - REST),
      i32x4.shr_s(right, PRECISION - REST),
    );
    const bytes = i8x16.narrow_i16x8_u(words, words);
    const to = output + column * 3;
    v128.store8_lane(to, bytes, 0);
    v128.store8_lane(to + 3, bytes, 1);
    v128.store8_lane(to + 6, bytes, 2);
    v128.store8_lane(to + 9, bytes, 3);
    v128.store8_lane(to + 12, bytes, 4);
    v128.store8_lane(to + 15, bytes, 5);
    v128.store8_lane(to + 18, bytes, 6);
    v128.store8_lane(to + 21, bytes, 7);
    const doubtLeft = i32x4.gt_s(limit, v128.and(left, fraction));
    const doubtRight = i32x4.gt_s(limit, v128.and(right, fraction));
    if (v128.any_true(v128.or(doubtLeft, doubtRight))) {
      let doubts = i32x4.bitmask(doubtLeft) | (i32x4.bitmask(doubtRight) << 4);
      while (doubts !== 0) {
        const nth = <usize>ctz(doubts);
        downOne(at + nth, row, to + 3 * nth);
        doubts &= doubts - 1;
      }
    }
  }
  return column;
}

/** A row of the filter's reach and the one as far from its other end. */
// @ts-ignore: decorator
@inline
function rowPair(at: usize, tap: usize): v128 {
  return i16x8.add(
    v128.load8x8_u(at + tap * RING_ROW),
    v128.load8x8_u(at + (<usize>TAPS - 1 - tap) * RING_ROW),
  );
}

// @ts-ignore: decorator
@inline
function leftOf(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: decorator
@inline
function rightOf(a: v128, b: v128): v128 {
  return v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

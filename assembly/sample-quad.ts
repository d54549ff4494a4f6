// Pillow's QUAD transform (bilinear, double precision, cut off to 8 bits) to a square, and its Lanczos resize to a
// quarter of that side, fused: one row of the square at a time is sampled, filtered across at once, and kept in a ring of
// rows; every fourth row gives a row of output. The square itself never exists.
//
// Sampling is done in fixed point, eight samples of a channel at a time, and made exact. With a, b, c the differences of a
// cell's other three pixels to its first one, a sample is the first pixel plus a mixture of these. They are scaled by 2^n,
// where n is as large as 16 bits allow: 10 where the pixels of all eight cells differ by at most 31 grey levels (nearly
// everywhere in a photograph), then 9, 8, 7. Positions within a cell have 15 fractional bits. Against the exact value, in
// units of 2^-n grey levels, with every difference scaled to at most 2^15:
//   a mixture down is off by at most 0.5 (rounded product) + 0.5 (2^15 times a position rounded by 2^-16), the mixture
//   across adds 0.5 + 0.5;
//   positions are carried in 32 fractional bits: 4096 steps off by 2^-33 move them by 2^-21. That is 0.02 within the
//   cell, and at most 0.13 where it leads over a border to a cell of any differences.
// So the error is below 2.2, and only a sample whose n fractional bits are within 2 of a whole number can be cut off to
// another byte than the exact one. Those are computed again in double precision, in Pillow's order of operations, except
// where the four pixels are equal: their mixture is exact in any arithmetic. A position that was rounded to a cell's border
// is always computed again: the exact one may lie in the cell beside it.

const HALF: i32 = 1 << 21;
const PRECISION: i32 = 22;
const RING: i32 = 32;
const TAPS: i32 = 24;
/** Bytes beyond a row of a plane that sixteen bytes from any cell may reach. */
const REACH: i32 = 18;
/** Fractional bits of positions within a window of sixteen pixels. */
const BITS: i32 = 26;

export function heapBase(): usize {
  return __heap_base;
}

/** Bytes from one row of a plane to the next. */
export function planeStride(width: i32): i32 {
  return width + REACH;
}

/**
 * RGB to three planes with a frame of one pixel that repeats the border, and a fourth that says of each cell (a pixel, its
 * right, lower and lower right neighbour) how far its pixels differ at most, in any channel.
 */
export function expand(from: usize, to: usize, width: i32, height: i32): void {
  const stride = <usize>planeStride(width);
  const plane = stride * <usize>(height + 2);
  for (let y = -1; y <= height; y++) {
    const row = y < 0 ? 0 : y < height ? y : height - 1;
    let input = from + <usize>row * <usize>width * 3;
    let output = to + <usize>(y + 1) * stride;
    store<u8>(output, load<u8>(input));
    store<u8>(output + plane, load<u8>(input, 1));
    store<u8>(output + 2 * plane, load<u8>(input, 2));
    output++;
    let x = 0;
    for (; x + 16 <= width; x += 16) {
      const a = v128.load(input);
      const b = v128.load(input, 16);
      const c = v128.load(input, 32);
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
    for (; x < width; x++) {
      store<u8>(output, load<u8>(input));
      store<u8>(output + plane, load<u8>(input, 1));
      store<u8>(output + 2 * plane, load<u8>(input, 2));
      input += 3;
      output++;
    }
    store<u8>(output, load<u8>(output - 1));
    store<u8>(output + plane, load<u8>(output + plane - 1));
    store<u8>(output + 2 * plane, load<u8>(output + 2 * plane - 1));
  }
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x += 16) {
      const at = to + <usize>y * stride + <usize>x;
      const red = rangeOf(at, stride);
      const green = rangeOf(at + plane, stride);
      const blue = rangeOf(at + 2 * plane, stride);
      v128.store(at + 3 * plane, i8x16.max_u(i8x16.max_u(red, green), blue));
    }
  }
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
 * the last two, those in reverse; 16 bits a sample. So the two ends of a symmetric filter lie in the same order.
 */
let line: usize = 0;
let plane: usize = 0;
/** From a plane of first samples to its plane of last ones. */
let lastPlane: usize = 0;
/** Starts, counts and coefficients of the output samples, `tapWidth` coefficients each. */
let starts: usize = 0;
let counts: usize = 0;
let coefficients: usize = 0;
let tapWidth: i32 = 0;

/**
 * `coefficientsAt`: x0..x3, y0..y3 as doubles. `size`: side of the square, four times the output's. `inner`: first output
 * sample with all 24 taps; those from there to `outer` share its coefficients, which are symmetric. `work` has room for
 * 6 (`size` + 32) + 32 x 3 x (`outputSize` + 16) bytes. Output: RGB.
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
  work: usize,
  output: usize,
): void {
  source = sourceAt;
  stride = <usize>planeStride(width);
  sourcePlane = stride * <usize>(height + 2);
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
  line = work;
  lastPlane = <usize>(size + 32);
  plane = 2 * lastPlane;
  const ring = line + 3 * plane;
  const ringPlane = <usize>(outputSize + 16);
  const ringRow: usize = 3 * ringPlane;
  let next = 0;
  for (let row = 0; row < size; row++) {
    sampleRow(row, size);
    const kept = ring + <usize>(row & (RING - 1)) * ringRow;
    for (let channel: usize = 0; channel < 3; channel++) {
      filterAcross(line + channel * plane, kept + channel * ringPlane, inner, outer, outputSize);
    }
    while (next < outputSize && row >= lastRowOf(next)) {
      const target = output + <usize>next * <usize>outputSize * 3;
      filterDown(ring, ringRow, ringPlane, next, next >= inner && next < outer, outputSize, target);
      next++;
    }
  }
}

function lastRowOf(sample: i32): i32 {
  const at = <usize>sample * 4;
  return load<i32>(starts + at) + load<i32>(counts + at) - 1;
}

/** One row of the square. */
function sampleRow(row: i32, size: i32): void {
  const v = <f64>row + 0.5;
  const startX = x0 + x2 * v;
  const stepX = x1 + x3 * v;
  const startY = y0 + y2 * v;
  const stepY = y1 + y3 * v;
  // Columns whose position is surely inside the picture, a hundredth of a pixel from its border.
  let first = 0.0;
  let last = <f64>size;
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
  let from = (<i32>Math.ceil(min(first + 0.5, <f64>size)) + 7) & ~7;
  let to = <i32>Math.floor(max(last - 0.5, 0.0));
  // A window of sixteen pixels holds eight samples and their neighbours up to here.
  if (to - from < 8 || Math.abs(stepX) > 1.8) {
    from = size;
    to = size;
  }
  for (let column = 0; column < from; column++) samplePixel(column, v, false);
  const end = sampleInside(from, to, v, startX, stepX, startY, stepY);
  for (let column = end; column < size; column++) samplePixel(column, v, false);
}

/** Pixels from `from` on whose neighbours all exist, eight at a time; answers the first that is left. */
function sampleInside(
  from: i32,
  to: i32,
  v: f64,
  startX: f64,
  stepX: f64,
  startY: f64,
  stepY: f64,
): i32 {
  const one: f64 = 4294967296.0;
  // Half a unit of 15 bits is added: cutting off then rounds.
  const u = <f64>from + 0.5;
  let x = <i64>((startX + stepX * u - 0.5) * one) + (1 << 16);
  let y = <i64>((startY + stepY * u - 0.5) * one) + (1 << 16);
  const dx = <i64>Math.round(stepX * one);
  const dy = <i64>Math.round(stepY * one);
  const stepsX = stepsOf(dx);
  const stepsX4 = i32x4.splat(<i32>((dx * 4) >> (32 - BITS)));
  const stepsY = stepsOf(dy);
  const stepsY4 = i32x4.splat(<i32>((dy * 4) >> (32 - BITS)));
  const lowest = i32x4.splat(0x7fff);
  // The frame's pixel stands before the picture's first.
  const origin = source + stride + 1;
  const zero = i16x8.splat(0);
  let column = from;
  for (; column + 8 <= to; column += 8) {
    const lastX = x + dx * 7;
    const lastY = y + dy * 7;
    const baseX = min(x, lastX) >> 32;
    const baseY = min(y, lastY) >> 32;
    const rows = <i32>((max(y, lastY) >> 32) - baseY);
    const startsX = i32x4.add(i32x4.splat(<i32>((x - (baseX << 32)) >> (32 - BITS))), stepsX);
    const startsY = i32x4.add(i32x4.splat(<i32>((y - (baseY << 32)) >> (32 - BITS))), stepsY);
    const endsX = i32x4.add(startsX, stepsX4);
    const endsY = i32x4.add(startsY, stepsY4);
    x += dx * 8;
    y += dy * 8;
    const across = i16x8.narrow_i32x4_s(
      v128.and(i32x4.shr_u(startsX, BITS - 15), lowest),
      v128.and(i32x4.shr_u(endsX, BITS - 15), lowest),
    );
    const down = i16x8.narrow_i32x4_s(
      v128.and(i32x4.shr_u(startsY, BITS - 15), lowest),
      v128.and(i32x4.shr_u(endsY, BITS - 15), lowest),
    );
    const cells = i16x8.narrow_i32x4_s(i32x4.shr_u(startsX, BITS), i32x4.shr_u(endsX, BITS));
    // Of each sample the left neighbour in the lower half, the right one in the upper.
    const index = i8x16.narrow_i16x8_u(cells, i16x8.add(cells, i16x8.splat(1)));
    const lines = i16x8.narrow_i32x4_s(i32x4.shr_u(startsY, BITS), i32x4.shr_u(endsY, BITS));
    const lineOf = i8x16.narrow_i16x8_u(lines, lines);
    const at = origin + <usize>(<i32>baseY) * stride + <usize>(<i32>baseX);
    let doubt: v128;
    if (rows === 0) {
      const range = i8x16.swizzle(v128.load(at + 3 * sourcePlane), index);
      // In the upper half are the cells to the right: nothing is lost by minding them too.
      if (v128.any_true(i8x16.sub_sat_u(range, i8x16.splat(31)))) {
        doubt = samplePixels(at, index, lineOf, 0, across, down, bitsFor(range), column);
      } else doubt = samplePixels(at, index, lineOf, 0, across, down, 10, column);
    } else if (rows === 1) {
      const isNext = i8x16.eq(lineOf, i8x16.splat(1));
      const range = gather(at + 3 * sourcePlane, index, isNext, 1);
      if (v128.any_true(i8x16.sub_sat_u(range, i8x16.splat(31)))) {
        doubt = samplePixels(at, index, isNext, 1, across, down, bitsFor(range), column);
      } else doubt = samplePixels(at, index, isNext, 1, across, down, 10, column);
    } else {
      const range = gather(at + 3 * sourcePlane, index, lineOf, rows);
      doubt = samplePixels(at, index, lineOf, rows, across, down, bitsFor(range), column);
    }
    const onBorder = i16x8.eq(i16x8.min_s(across, down), zero);
    let doubts = i16x8.bitmask(v128.or(doubt, onBorder));
    while (doubts !== 0) {
      samplePixel(column + ctz(doubts), v, true);
      doubts &= doubts - 1;
    }
  }
  return column;
}

/** 0, 1, 2 and 3 steps, in the bits of a window. */
// @ts-ignore: decorator
@inline
function stepsOf(step: i64): v128 {
  const steps = i32x4.splat(0);
  return i32x4.replace_lane(
    i32x4.replace_lane(
      i32x4.replace_lane(steps, 1, <i32>(step >> (32 - BITS))),
      2,
      <i32>((step * 2) >> (32 - BITS)),
    ),
    3,
    <i32>((step * 3) >> (32 - BITS)),
  );
}

/** Fractional bits that the differences leave room for. */
function bitsFor(range: v128): i32 {
  if (!v128.any_true(i8x16.sub_sat_u(range, i8x16.splat(31)))) return 10;
  if (!v128.any_true(i8x16.sub_sat_u(range, i8x16.splat(63)))) return 9;
  return v128.any_true(i8x16.sub_sat_u(range, i8x16.splat(127))) ? 7 : 8;
}

/**
 * Bytes of a plane at the places of `index`, each from the row that `lineOf` says: 0 to `rows` below `at`. Of two rows
 * (`rows` is 1), `lineOf` is a mask: of the second one.
 */
// @ts-ignore: decorator
@inline
function gather(at: usize, index: v128, lineOf: v128, rows: i32): v128 {
  let found = i8x16.swizzle(v128.load(at), index);
  if (rows === 0) return found;
  if (rows === 1) return v128.bitselect(i8x16.swizzle(v128.load(at + stride), index), found, lineOf);
  for (let row = 1; row <= rows; row++) {
    const other = i8x16.swizzle(v128.load(at + <usize>row * stride), index);
    found = v128.bitselect(other, found, i8x16.eq(lineOf, i8x16.splat(<i8>row)));
  }
  return found;
}

/** Eight samples of all channels; answers which of them are in doubt. */
// @ts-ignore: decorator
@inline
function samplePixels(
  at: usize,
  index: v128,
  lineOf: v128,
  rows: i32,
  across: v128,
  down: v128,
  bits: i32,
  column: i32,
): v128 {
  const red = sampleChannel(at, index, lineOf, rows, across, down, bits, column, line);
  const green = sampleChannel(
    at + sourcePlane,
    index,
    lineOf,
    rows,
    across,
    down,
    bits,
    column,
    line + plane,
  );
  const blue = sampleChannel(
    at + 2 * sourcePlane,
    index,
    lineOf,
    rows,
    across,
    down,
    bits,
    column,
    line + 2 * plane,
  );
  return v128.or(v128.or(red, green), blue);
}

/** Eight samples of one channel; answers which of them are in doubt. */
// @ts-ignore: decorator
@inline
function sampleChannel(
  at: usize,
  index: v128,
  lineOf: v128,
  rows: i32,
  across: v128,
  down: v128,
  bits: i32,
  column: i32,
  output: usize,
): v128 {
  const above = gather(at, index, lineOf, rows);
  const below = gather(at + stride, index, lineOf, rows);
  const nw = i16x8.extend_low_i8x16_u(above);
  const ne = i16x8.extend_high_i8x16_u(above);
  const sw = i16x8.extend_low_i8x16_u(below);
  const se = i16x8.extend_high_i8x16_u(below);
  const toSouth = i16x8.sub(sw, nw);
  const toEast = i16x8.sub(ne, nw);
  const eastToSouth = i16x8.sub(se, ne);
  const left = i16x8.q15mulr_sat_s(i16x8.shl(toSouth, bits), down);
  const right = i16x8.add(
    i16x8.shl(toEast, bits),
    i16x8.q15mulr_sat_s(i16x8.shl(eastToSouth, bits), down),
  );
  const mixed = i16x8.add(left, i16x8.q15mulr_sat_s(i16x8.sub(right, left), across));
  const values = i16x8.add(nw, i16x8.shr_s(mixed, bits));
  const units = i16x8.shuffle(values, values, 0, 1, 4, 5, 3, 2, 7, 6);
  const to = output + <usize>column;
  v128.store64_lane(to, units, 0);
  v128.store64_lane(to + lastPlane, units, 1);
  const fraction = i16x8.splat(<i16>((<i32>1 << bits) - 1));
  const near = v128.and(i16x8.add(mixed, i16x8.splat(2)), fraction);
  const isEqual = i16x8.eq(v128.or(v128.or(toSouth, toEast), eastToSouth), i16x8.splat(0));
  return v128.andnot(i16x8.gt_s(i16x8.splat(5), near), isEqual);
}

/** Where a sample of a channel's row lies. */
// @ts-ignore: decorator
@inline
function placeOf(column: i32): usize {
  const unit = <usize>(column & ~3);
  const nth = column & 3;
  return nth < 2 ? unit + <usize>(nth << 1) : lastPlane + unit + <usize>((3 - nth) << 1);
}

/** One sample by Pillow's own arithmetic. `isInside`: surely in the picture. */
function samplePixel(column: i32, v: f64, isInside: bool): void {
  const u = <f64>column + 0.5;
  const positionX = x0 + x1 * u + x2 * v + x3 * u * v;
  const positionY = y0 + y1 * u + y2 * v + y3 * u * v;
  const out = line + placeOf(column);
  if (!isInside && !(positionX >= 0 && positionX < sourceWidth && positionY >= 0 && positionY < sourceHeight)) {
    store<u16>(out, 0);
    store<u16>(out + plane, 0);
    store<u16>(out + 2 * plane, 0);
    return;
  }
  const x = floor(positionX - 0.5);
  const y = floor(positionY - 0.5);
  const at = source + <usize>(<i32>y + 1) * stride + <usize>(<i32>x + 1);
  const right = positionX - 0.5 - x;
  const down = positionY - 0.5 - y;
  store<u16>(out, mixedAt(at, right, down));
  store<u16>(out + plane, mixedAt(at + sourcePlane, right, down));
  store<u16>(out + 2 * plane, mixedAt(at + 2 * sourcePlane, right, down));
}

// @ts-ignore: decorator
@inline
function mixedAt(at: usize, right: f64, down: f64): u16 {
  const nw = <f64>load<u8>(at);
  const ne = <f64>load<u8>(at, 1);
  const sw = <f64>load<u8>(at + stride);
  const se = <f64>load<u8>(at + stride, 1);
  const top = nw + (ne - nw) * right;
  const bottom = sw + (se - sw) * right;
  return <u16>(<i32>(top + (bottom - top) * down));
}

/** One plane of a row, to a quarter of its length, in bytes. */
function filterAcross(from: usize, to: usize, inner: i32, outer: i32, outputSize: i32): void {
  for (let i = 0; i < inner; i++) filterOne(from, to, i);
  const k = coefficients + <usize>inner * <usize>tapWidth * 4;
  // Pairs of coefficients in the order in which the samples lie. k = high * 65536 + low with a signed low part: two sums
  // of 16-bit products are exact.
  const low0 = lowPair(load<i32>(k, 4), load<i32>(k));
  const low1 = lowPair(load<i32>(k, 8), load<i32>(k, 12));
  const low2 = lowPair(load<i32>(k, 20), load<i32>(k, 16));
  const low3 = lowPair(load<i32>(k, 24), load<i32>(k, 28));
  const low4 = lowPair(load<i32>(k, 36), load<i32>(k, 32));
  const low5 = lowPair(load<i32>(k, 40), load<i32>(k, 44));
  const high0 = highPair(load<i32>(k, 4), load<i32>(k));
  const high1 = highPair(load<i32>(k, 8), load<i32>(k, 12));
  const high2 = highPair(load<i32>(k, 20), load<i32>(k, 16));
  const high3 = highPair(load<i32>(k, 24), load<i32>(k, 28));
  const high4 = highPair(load<i32>(k, 36), load<i32>(k, 32));
  const high5 = highPair(load<i32>(k, 40), load<i32>(k, 44));
  const half = i32x4.splat(HALF);
  let i = inner;
  for (; i + 4 <= outer; i += 4) {
    // An output sample reaches from the last half of the third unit before its own to the first half of the third after.
    const first = from + <usize>i * 4;
    const last = first + lastPlane;
    const sum0 = i16x8.add(v128.load(last - 12), v128.load(first + 12));
    const sum1 = i16x8.add(v128.load(first - 8), v128.load(last + 8));
    const sum2 = i16x8.add(v128.load(last - 8), v128.load(first + 8));
    const sum3 = i16x8.add(v128.load(first - 4), v128.load(last + 4));
    const sum4 = i16x8.add(v128.load(last - 4), v128.load(first + 4));
    const sum5 = i16x8.add(v128.load(first), v128.load(last));
    const high = i32x4.add(
      i32x4.add(
        i32x4.add(i32x4.dot_i16x8_s(sum0, high0), i32x4.dot_i16x8_s(sum1, high1)),
        i32x4.add(i32x4.dot_i16x8_s(sum2, high2), i32x4.dot_i16x8_s(sum3, high3)),
      ),
      i32x4.add(i32x4.dot_i16x8_s(sum4, high4), i32x4.dot_i16x8_s(sum5, high5)),
    );
    const low = i32x4.add(
      i32x4.add(
        i32x4.add(i32x4.dot_i16x8_s(sum0, low0), i32x4.dot_i16x8_s(sum1, low1)),
        i32x4.add(i32x4.dot_i16x8_s(sum2, low2), i32x4.dot_i16x8_s(sum3, low3)),
      ),
      i32x4.add(i32x4.dot_i16x8_s(sum4, low4), i32x4.dot_i16x8_s(sum5, low5)),
    );
    const sums = i32x4.add(i32x4.add(i32x4.shl(high, 16), low), half);
    const values = i32x4.shr_s(sums, PRECISION);
    const words = i16x8.narrow_i32x4_s(values, values);
    v128.store32_lane(to + <usize>i, i8x16.narrow_i16x8_u(words, words), 0);
  }
  for (; i < outputSize; i++) filterOne(from, to, i);
}

/** The signed low 16 bits of two coefficients, four times over. */
// @ts-ignore: decorator
@inline
function lowPair(first: i32, second: i32): v128 {
  return i32x4.splat((first & 0xffff) | (second << 16));
}

/** What is left of them above the signed low 16 bits. */
// @ts-ignore: decorator
@inline
function highPair(first: i32, second: i32): v128 {
  return i32x4.splat((((first + 0x8000) >> 16) & 0xffff) | (((second + 0x8000) >> 16) << 16));
}

function filterOne(from: usize, to: usize, i: i32): void {
  const start = load<i32>(starts + <usize>i * 4);
  const count = load<i32>(counts + <usize>i * 4);
  const k = coefficients + <usize>i * <usize>tapWidth * 4;
  let sum = HALF;
  for (let tap = 0; tap < count; tap++) {
    sum += load<i32>(k + <usize>tap * 4) * <i32>load<u16>(from + placeOf(start + tap));
  }
  store<u8>(to + <usize>i, clip(sum >> PRECISION));
}

// @ts-ignore: decorator
@inline
function clip(value: i32): u8 {
  return <u8>(value < 0 ? 0 : value > 255 ? 255 : value);
}

/** One row of output, from the ring. */
function filterDown(
  ring: usize,
  ringRow: usize,
  ringPlane: usize,
  row: i32,
  isInner: bool,
  outputSize: i32,
  to: usize,
): void {
  const start = load<i32>(starts + <usize>row * 4);
  const count = load<i32>(counts + <usize>row * 4);
  const k = coefficients + <usize>row * <usize>tapWidth * 4;
  for (let channel: usize = 0; channel < 3; channel++) {
    const planeAt = ring + channel * ringPlane;
    let column: usize = 0;
    if (isInner) {
      for (; column + 8 <= <usize>outputSize; column += 8) {
        downInner(planeAt + column, ringRow, start, k, to + column * 3 + channel);
      }
    }
    for (; column < <usize>outputSize; column++) {
      let sum = HALF;
      for (let tap = 0; tap < count; tap++) {
        const at = planeAt + <usize>((start + tap) & (RING - 1)) * ringRow + column;
        sum += load<i32>(k + <usize>tap * 4) * <i32>load<u8>(at);
      }
      store<u8>(to + column * 3 + channel, clip(sum >> PRECISION));
    }
  }
}

/** Eight columns at once; coefficients are symmetric, so rows are added in pairs first. */
// @ts-ignore: decorator
@inline
function downInner(at: usize, ringRow: usize, start: i32, k: usize, to: usize): void {
  const round = i32x4.splat(0x8000);
  let lowLeft = i32x4.splat(HALF);
  let lowRight = i32x4.splat(HALF);
  let highLeft = i32x4.splat(0);
  let highRight = i32x4.splat(0);
  for (let tap = 0; tap < TAPS / 2; tap += 2) {
    const a = i16x8.add(
      v128.load8x8_u(at + <usize>((start + tap) & (RING - 1)) * ringRow),
      v128.load8x8_u(at + <usize>((start + TAPS - 1 - tap) & (RING - 1)) * ringRow),
    );
    const b = i16x8.add(
      v128.load8x8_u(at + <usize>((start + tap + 1) & (RING - 1)) * ringRow),
      v128.load8x8_u(at + <usize>((start + TAPS - 2 - tap) & (RING - 1)) * ringRow),
    );
    const left = v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
    const right = v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
    const pair = v128.load64_splat(k + <usize>tap * 4);
    const low = i8x16.shuffle(pair, pair, 0, 1, 4, 5, 0, 1, 4, 5, 0, 1, 4, 5, 0, 1, 4, 5);
    const parts = i32x4.shr_s(i32x4.add(pair, round), 16);
    const high = i16x8.narrow_i32x4_s(parts, parts);
    lowLeft = i32x4.add(lowLeft, i32x4.dot_i16x8_s(left, low));
    lowRight = i32x4.add(lowRight, i32x4.dot_i16x8_s(right, low));
    highLeft = i32x4.add(highLeft, i32x4.dot_i16x8_s(left, high));
    highRight = i32x4.add(highRight, i32x4.dot_i16x8_s(right, high));
  }
  const sumsLeft = i32x4.shr_s(i32x4.add(i32x4.shl(highLeft, 16), lowLeft), PRECISION);
  const sumsRight = i32x4.shr_s(i32x4.add(i32x4.shl(highRight, 16), lowRight), PRECISION);
  const words = i16x8.narrow_i32x4_s(sumsLeft, sumsRight);
  const bytes = i8x16.narrow_i16x8_u(words, words);
  v128.store8_lane(to, bytes, 0);
  v128.store8_lane(to + 3, bytes, 1);
  v128.store8_lane(to + 6, bytes, 2);
  v128.store8_lane(to + 9, bytes, 3);
  v128.store8_lane(to + 12, bytes, 4);
  v128.store8_lane(to + 15, bytes, 5);
  v128.store8_lane(to + 18, bytes, 6);
  v128.store8_lane(to + 21, bytes, 7);
}

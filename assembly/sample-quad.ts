// Pillow's QUAD transform (bilinear, double precision, cut off to 8 bits) to a square, and its Lanczos resize to a
// quarter of that side, fused: one row of the square at a time is sampled, filtered across at once, and kept in a ring of
// rows; every fourth row gives a row of output. The square itself never exists.
//
// Sampling is done in fixed point, and made exact. Samples are 7 fractional bits wide (Q7), positions within a pixel 15
// (Q15). Against the exact value, in units of 2^-7 grey levels:
//   the two mixtures down the columns are off by at most 0.5 (rounded product) + 0.5 (255 * 128 * 2^-16, the rounded
//   position) each, and so is any mixture of the two; the mixture across adds 0.5 + 0.5;
//   positions are carried in 32 fractional bits: 4096 steps off by 2^-33 move them by 2^-21, and a sample by 0.02.
// So the error is below 2.1, and only a sample whose 7 fractional bits are within 2 of a whole number (126, 127, 0, 1, 2)
// can be cut off to another byte than the exact one. Those are computed again in double precision, in Pillow's order of
// operations, except where the four neighbours are equal: their mixture is exact in any arithmetic.

const HALF: i32 = 1 << 21;
const PRECISION: i32 = 22;
const RING: i32 = 32;
const TAPS: i32 = 24;

export function heapBase(): usize {
  return __heap_base;
}

/** RGB to 4 bytes a pixel, with a frame of one pixel that repeats the border. */
export function expand(from: usize, to: usize, width: i32, height: i32): void {
  const stride = <usize>(width + 2) * 4;
  for (let y = -1; y <= height; y++) {
    const row = y < 0 ? 0 : y < height ? y : height - 1;
    let input = from + <usize>row * <usize>width * 3;
    let output = to + <usize>(y + 1) * stride;
    const first = load<u32>(input) & 0xffffff;
    store<u32>(output, first);
    output += 4;
    let x = 0;
    for (; x + 6 <= width; x += 4) {
      const pixels = v128.load(input);
      v128.store(
        output,
        v128.and(
          i8x16.shuffle(pixels, pixels, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11),
          i32x4.splat(0xffffff),
        ),
      );
      input += 12;
      output += 16;
    }
    for (; x < width; x++) {
      const pixel: u32 =
        <u32>load<u8>(input) | (<u32>load<u8>(input + 1) << 8) | (<u32>load<u8>(input + 2) << 16);
      store<u32>(output, pixel);
      input += 3;
      output += 4;
    }
    store<u32>(output, load<u32>(output - 4));
  }
}

// The picture, the transform, and where things lie: set by `sampleQuad`, read by the functions below.
let source: usize = 0;
let stride: usize = 0;
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
/** One row of the square: three planes of 16-bit samples. */
let line: usize = 0;
let plane: usize = 0;
/** Starts, counts and coefficients of the output samples, `tapWidth` coefficients each. */
let starts: usize = 0;
let counts: usize = 0;
let coefficients: usize = 0;
let tapWidth: i32 = 0;

/**
 * `coefficientsAt`: x0..x3, y0..y3 as doubles. `size`: side of the square, four times the output's. `inner`: first output
 * sample with all 24 taps; those from there to `outer` share its coefficients, which are symmetric. `work` has room for
 * 6 (`size` + 16) + 32 x 3 x (`outputSize` + 16) bytes. Output: RGB.
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
  stride = <usize>(width + 2) * 4;
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
  plane = <usize>(size + 16) * 2;
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
  let from = <i32>Math.ceil(min(first + 0.5, <f64>size));
  let to = <i32>Math.floor(max(last - 0.5, 0.0));
  if (to - from < 8) {
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
  // Half a unit of Q15 is added: cutting off then rounds.
  const u = <f64>from + 0.5;
  let x = <i64>((startX + stepX * u - 0.5) * one) + (1 << 16);
  let y = <i64>((startY + stepY * u - 0.5) * one) + (1 << 16);
  const dx = <i64>Math.round(stepX * one);
  const dy = <i64>Math.round(stepY * one);
  const origin = source + stride + 4;
  const near = i16x8.splat(2);
  const fraction = i16x8.splat(127);
  const colours = i16x8(-1, -1, -1, 0, -1, -1, -1, 0);
  let column = from;
  let out = line + <usize>from * 2;
  for (; column + 8 <= to; column += 8) {
    const a = twoPixels(origin, x, y, x + dx, y + dy);
    x += dx * 2;
    y += dy * 2;
    const b = twoPixels(origin, x, y, x + dx, y + dy);
    x += dx * 2;
    y += dy * 2;
    const c = twoPixels(origin, x, y, x + dx, y + dy);
    x += dx * 2;
    y += dy * 2;
    const d = twoPixels(origin, x, y, x + dx, y + dy);
    x += dx * 2;
    y += dy * 2;
    const ab = i8x16.narrow_i16x8_u(i16x8.shr_u(a, 7), i16x8.shr_u(b, 7));
    const cd = i8x16.narrow_i16x8_u(i16x8.shr_u(c, 7), i16x8.shr_u(d, 7));
    const redGreen = i8x16.shuffle(ab, cd, 0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29);
    const blue = i8x16.shuffle(ab, cd, 2, 6, 10, 14, 18, 22, 26, 30, 2, 6, 10, 14, 18, 22, 26, 30);
    v128.store(out, i16x8.extend_low_i8x16_u(redGreen));
    v128.store(out + plane, i16x8.extend_high_i8x16_u(redGreen));
    v128.store(out + 2 * plane, i16x8.extend_low_i8x16_u(blue));
    out += 16;
    const limit = i16x8.splat(4);
    const doubtA = i16x8.le_s(v128.and(i16x8.add(a, near), fraction), limit);
    const doubtB = i16x8.le_s(v128.and(i16x8.add(b, near), fraction), limit);
    const doubtC = i16x8.le_s(v128.and(i16x8.add(c, near), fraction), limit);
    const doubtD = i16x8.le_s(v128.and(i16x8.add(d, near), fraction), limit);
    const doubtAB = i8x16.narrow_i16x8_s(v128.and(doubtA, colours), v128.and(doubtB, colours));
    const doubtCD = i8x16.narrow_i16x8_s(v128.and(doubtC, colours), v128.and(doubtD, colours));
    let bits: u32 = <u32>i8x16.bitmask(doubtAB) | (<u32>i8x16.bitmask(doubtCD) << 16);
    while (bits !== 0) {
      const pixel = ctz(bits) >> 2;
      samplePixel(column + pixel, v, true);
      bits &= ~(<u32>15 << (pixel << 2));
    }
  }
  return column;
}

/**
 * Two samples of RGBX in Q7, at positions of 32 fractional bits. Where all four neighbours are equal the sample is exact;
 * it is marked by fractional bits that raise no doubt. Not so at a position that was rounded to 0: the exact one may lie
 * between other neighbours.
 */
// @ts-ignore: decorator
@inline
function twoPixels(origin: usize, xA: i64, yA: i64, xB: i64, yB: i64): v128 {
  const atA = origin + <usize>(<i32>(yA >> 32)) * stride + (<usize>(<i32>(xA >> 32)) << 2);
  const topA = i16x8.shl(v128.load8x8_u(atA), 7);
  const stepA = i16x8.sub(i16x8.shl(v128.load8x8_u(atA + stride), 7), topA);
  const atB = origin + <usize>(<i32>(yB >> 32)) * stride + (<usize>(<i32>(xB >> 32)) << 2);
  const topB = i16x8.shl(v128.load8x8_u(atB), 7);
  const stepB = i16x8.sub(i16x8.shl(v128.load8x8_u(atB + stride), 7), topB);
  // The left and the right neighbours, each mixed down its column.
  const downA = i16x8.splat(<i16>((yA >> 17) & 0x7fff));
  const downB = i16x8.splat(<i16>((yB >> 17) & 0x7fff));
  const a = i16x8.add(topA, i16x8.q15mulr_sat_s(stepA, downA));
  const b = i16x8.add(topB, i16x8.q15mulr_sat_s(stepB, downB));
  const left = v128.shuffle<i64>(a, b, 0, 2);
  const step = i16x8.sub(v128.shuffle<i64>(a, b, 1, 3), left);
  const across = v128.shuffle<i64>(
    i16x8.splat(<i16>((xA >> 17) & 0x7fff)),
    i16x8.splat(<i16>((xB >> 17) & 0x7fff)),
    0,
    2,
  );
  const mixed = i16x8.add(left, i16x8.q15mulr_sat_s(step, across));
  const steps = v128.or(
    v128.or(v128.shuffle<i64>(stepA, stepB, 0, 2), v128.shuffle<i64>(stepA, stepB, 1, 3)),
    step,
  );
  const zero = i16x8.splat(0);
  const isInCell = i16x8.gt_s(i16x8.min_s(across, v128.shuffle<i64>(downA, downB, 0, 2)), zero);
  const isExact = v128.and(i16x8.eq(steps, zero), isInCell);
  return v128.or(mixed, v128.and(isExact, i16x8.splat(64)));
}

/** One sample by Pillow's own arithmetic. `isInside`: surely in the picture. */
function samplePixel(column: i32, v: f64, isInside: bool): void {
  const u = <f64>column + 0.5;
  const positionX = x0 + x1 * u + x2 * v + x3 * u * v;
  const positionY = y0 + y1 * u + y2 * v + y3 * u * v;
  const out = line + <usize>column * 2;
  if (!isInside && !(positionX >= 0 && positionX < sourceWidth && positionY >= 0 && positionY < sourceHeight)) {
    store<u16>(out, 0);
    store<u16>(out + plane, 0);
    store<u16>(out + 2 * plane, 0);
    return;
  }
  const x = floor(positionX - 0.5);
  const y = floor(positionY - 0.5);
  const at = source + <usize>(<i32>y + 1) * stride + <usize>(<i32>x + 1) * 4;
  const top = v128.load64_zero(at);
  const bottom = v128.load64_zero(at + stride);
  const right = f64x2.splat(positionX - 0.5 - x);
  const down = f64x2.splat(positionY - 0.5 - y);
  const topWords = i16x8.extend_low_i8x16_u(top);
  const bottomWords = i16x8.extend_low_i8x16_u(bottom);
  const nw = i32x4.extend_low_i16x8_u(topWords);
  const ne = i32x4.extend_high_i16x8_u(topWords);
  const sw = i32x4.extend_low_i16x8_u(bottomWords);
  const se = i32x4.extend_high_i16x8_u(bottomWords);
  const redGreen = mixed(
    f64x2.convert_low_i32x4_u(nw),
    f64x2.convert_low_i32x4_u(ne),
    f64x2.convert_low_i32x4_u(sw),
    f64x2.convert_low_i32x4_u(se),
    right,
    down,
  );
  const blue = mixed(
    f64x2.convert_low_i32x4_u(v128.shuffle<i32>(nw, nw, 2, 3, 2, 3)),
    f64x2.convert_low_i32x4_u(v128.shuffle<i32>(ne, ne, 2, 3, 2, 3)),
    f64x2.convert_low_i32x4_u(v128.shuffle<i32>(sw, sw, 2, 3, 2, 3)),
    f64x2.convert_low_i32x4_u(v128.shuffle<i32>(se, se, 2, 3, 2, 3)),
    right,
    down,
  );
  store<u16>(out, <u16>(<i32>f64x2.extract_lane(redGreen, 0)));
  store<u16>(out + plane, <u16>(<i32>f64x2.extract_lane(redGreen, 1)));
  store<u16>(out + 2 * plane, <u16>(<i32>f64x2.extract_lane(blue, 0)));
}

// @ts-ignore: decorator
@inline
function mixed(nw: v128, ne: v128, sw: v128, se: v128, right: v128, down: v128): v128 {
  const top = f64x2.add(nw, f64x2.mul(f64x2.sub(ne, nw), right));
  const bottom = f64x2.add(sw, f64x2.mul(f64x2.sub(se, sw), right));
  return f64x2.add(top, f64x2.mul(f64x2.sub(bottom, top), down));
}

/** One plane of a row, to a quarter of its length, in bytes. */
function filterAcross(from: usize, to: usize, inner: i32, outer: i32, outputSize: i32): void {
  for (let i = 0; i < inner; i++) filterOne(from, to, i);
  const k = coefficients + <usize>inner * <usize>tapWidth * 4;
  const k0 = v128.load(k);
  const k1 = v128.load(k, 16);
  const k2 = v128.load(k, 32);
  const k3 = v128.load(k, 48);
  const k4 = v128.load(k, 64);
  const k5 = v128.load(k, 80);
  // k = high * 65536 + low with a signed low part: two sums of 16-bit products are exact.
  const lowA = lowParts(k0, k1);
  const lowB = lowParts(k2, k3);
  const lowC = lowParts(k4, k5);
  const highA = highParts(k0, k1);
  const highB = highParts(k2, k3);
  const highC = highParts(k4, k5);
  const half = i32x4.splat(HALF);
  let i = inner;
  let at = from + <usize>load<i32>(starts + <usize>inner * 4) * 2;
  for (; i + 4 <= outer; i += 4) {
    const a = weighted(at, lowA, lowB, lowC, highA, highB, highC);
    const b = weighted(at + 8, lowA, lowB, lowC, highA, highB, highC);
    const c = weighted(at + 16, lowA, lowB, lowC, highA, highB, highC);
    const d = weighted(at + 24, lowA, lowB, lowC, highA, highB, highC);
    const abLow = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const cdLow = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    const ab = i32x4.add(abLow, abHigh);
    const cd = i32x4.add(cdLow, cdHigh);
    const sums = i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
    const values = i32x4.shr_s(i32x4.add(sums, half), PRECISION);
    const words = i16x8.narrow_i32x4_s(values, values);
    v128.store32_lane(to + <usize>i, i8x16.narrow_i16x8_u(words, words), 0);
    at += 32;
  }
  for (; i < outputSize; i++) filterOne(from, to, i);
}

// @ts-ignore: decorator
@inline
function weighted(
  at: usize,
  lowA: v128,
  lowB: v128,
  lowC: v128,
  highA: v128,
  highB: v128,
  highC: v128,
): v128 {
  const a = v128.load(at);
  const b = v128.load(at, 16);
  const c = v128.load(at, 32);
  const high = i32x4.add(
    i32x4.add(i32x4.dot_i16x8_s(a, highA), i32x4.dot_i16x8_s(b, highB)),
    i32x4.dot_i16x8_s(c, highC),
  );
  const low = i32x4.add(
    i32x4.add(i32x4.dot_i16x8_s(a, lowA), i32x4.dot_i16x8_s(b, lowB)),
    i32x4.dot_i16x8_s(c, lowC),
  );
  return i32x4.add(i32x4.shl(high, 16), low);
}

/** The low 16 bits of 8 coefficients. */
// @ts-ignore: decorator
@inline
function lowParts(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29);
}

/** What is left of them above the signed low 16 bits. */
// @ts-ignore: decorator
@inline
function highParts(a: v128, b: v128): v128 {
  const round = i32x4.splat(0x8000);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(a, round), 16),
    i32x4.shr_s(i32x4.add(b, round), 16),
  );
}

function filterOne(from: usize, to: usize, i: i32): void {
  const start = load<i32>(starts + <usize>i * 4);
  const count = load<i32>(counts + <usize>i * 4);
  const k = coefficients + <usize>i * <usize>tapWidth * 4;
  let sum = HALF;
  for (let tap = 0; tap < count; tap++) {
    sum += load<i32>(k + <usize>tap * 4) * <i32>load<u16>(from + <usize>(start + tap) * 2);
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

// Pillow's resize by whole-numbered coefficients of 22 fractional bits (Resample.c), for RGB bytes: sums of 32 bits, a half
// added, shifted and limited to a byte. Loads read up to 15 bytes beyond their rows, stores write up to 15 beyond an output.

const HALF: i32 = 1 << 21;
const PRECISION: i32 = 22;

export function heapBase(): usize {
  return __heap_base;
}

/**
 * `rows` rows along their length, `width` output pixels each. `starts`, `counts`: first input pixel and number of
 * coefficients of each output pixel; `step` coefficients from one to the next.
 */
export function resampleRows(
  from: usize,
  fromStride: usize,
  to: usize,
  rows: i32,
  width: i32,
  starts: usize,
  counts: usize,
  coefficients: usize,
  step: i32,
): void {
  const half = i32x4.splat(HALF);
  for (let row = 0; row < rows; row++) {
    let output = to;
    for (let x: usize = 0; x < <usize>width; x++) {
      let input = from + <usize>load<i32>(starts + x * 4) * 3;
      let k = coefficients + x * <usize>step * 4;
      const end = k + <usize>load<i32>(counts + x * 4) * 4;
      let even = half;
      let odd = i32x4.splat(0);
      for (; k + 8 <= end; k += 8) {
        even = i32x4.add(even, i32x4.mul(pixelAt(input), v128.load32_splat(k)));
        odd = i32x4.add(odd, i32x4.mul(pixelAt(input + 3), v128.load32_splat(k, 4)));
        input += 6;
      }
      if (k < end) even = i32x4.add(even, i32x4.mul(pixelAt(input), v128.load32_splat(k)));
      v128.store32_lane(output, toBytes(i32x4.add(even, odd)), 0);
      output += 3;
    }
    from += fromStride;
    to += <usize>width * 3;
  }
}

/** One output row of `length` samples from `count` input rows, `stride` bytes apart. */
export function resampleColumn(
  from: usize,
  stride: usize,
  to: usize,
  length: usize,
  count: i32,
  coefficients: usize,
): void {
  const half = i32x4.splat(HALF);
  for (let x: usize = 0; x < length; x += 16) {
    let a = half;
    let b = half;
    let c = half;
    let d = half;
    let input = from + x;
    for (let tap = 0; tap < count; tap++) {
      const k = v128.load32_splat(coefficients + <usize>tap * 4);
      const bytes = v128.load(input);
      const low = i16x8.extend_low_i8x16_u(bytes);
      const high = i16x8.extend_high_i8x16_u(bytes);
      a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), k));
      b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), k));
      c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), k));
      d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), k));
      input += stride;
    }
    const low = i16x8.narrow_i32x4_s(i32x4.shr_s(a, PRECISION), i32x4.shr_s(b, PRECISION));
    const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c, PRECISION), i32x4.shr_s(d, PRECISION));
    v128.store(to + x, i8x16.narrow_i16x8_u(low, high));
  }
}

// @ts-ignore: decorator
@inline
function pixelAt(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

// @ts-ignore: decorator
@inline
function toBytes(sums: v128): v128 {
  const words = i16x8.narrow_i32x4_s(i32x4.shr_s(sums, PRECISION), i32x4.splat(0));
  return i8x16.narrow_i16x8_u(words, words);
}

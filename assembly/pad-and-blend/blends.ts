// The blends of a row of RGB samples, in float32 and in NumPy's order of operations. Rows in memory are a multiple of 12
// samples long. Minima and maxima are pmin and pmax, one instruction each: no mask is NaN.

/** Copies pixels of a row of RGB floats to their mirror images: `index` says for each place which one stands there. */
export function mirror(row: usize, index: usize, width: i32): void {
  for (let x = 0; x < width; x++) {
    const from = load<i32>(index + <usize>x * 4);
    if (from === x) continue;
    const to = row + <usize>x * 12;
    const at = row + <usize>from * 12;
    store<f32>(to, load<f32>(at));
    store<f32>(to, load<f32>(at, 4), 4);
    store<f32>(to, load<f32>(at, 8), 8);
  }
}

/** RGB bytes at the places of `index`, as floats. */
export function spreadBytes(from: usize, index: usize, width: i32, to: usize): void {
  let x = 0;
  while (x < width) {
    const at = from + <usize>load<i32>(index) * 3;
    // Where the crop lies in the padded picture, pixels follow one another.
    if (x + 4 < width && load<i32>(index, 16) === load<i32>(index) + 4) {
      const words = v128.load8x8_u(at);
      v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(words)));
      v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(words)), 16);
      const rest = i16x8.extend_low_i8x16_u(v128.load32_zero(at, 8));
      v128.store(to, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(rest)), 32);
      x += 4;
      index += 16;
      to += 48;
      continue;
    }
    store<f32>(to, <f32>load<u8>(at));
    store<f32>(to, <f32>load<u8>(at, 1), 4);
    store<f32>(to, <f32>load<u8>(at, 2), 8);
    x++;
    index += 4;
    to += 12;
  }
}

/**
 * One row towards its blur. `columns`: mask of each sample's column; `row`: mask of the row. Where the share is 0 the blur
 * has not been computed, and whatever lies there is not looked at. Behind the row's `length` samples NaN is written. With
 * `bins`, counts the results by channel in bins of 1/32 grey level: 3 x 8192 counters.
 */
export function blendBlur(
  pixels: usize,
  blurred: usize,
  columns: usize,
  row: f32,
  length: i32,
  to: usize,
  bins: usize,
): void {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const three = f32x4.splat(3);
  const rows = f32x4.splat(row);
  for (let i: usize = 0; i < <usize>length * 4; i += 16) {
    const mask = f32x4.pmax(v128.load(columns + i), rows);
    const share = f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(mask, three), one), zero), one);
    const pixel = v128.load(pixels + i);
    const step = f32x4.mul(f32x4.sub(v128.load(blurred + i), pixel), share);
    const mixed = f32x4.add(pixel, step);
    v128.store(to + i, v128.bitselect(mixed, pixel, f32x4.gt(share, zero)));
  }
  for (let i = length; i % 12 !== 0; i++) store<f32>(to + <usize>i * 4, NaN);
  if (bins === 0) return;
  let at = to;
  for (let i = 0; i + 3 <= length; i += 3) {
    count(bins, load<f32>(at));
    count(bins + 32768, load<f32>(at, 4));
    count(bins + 65536, load<f32>(at, 8));
    at += 12;
  }
}

// @ts-ignore: decorator
@inline
function count(bins: usize, value: f32): void {
  const at = bins + (<usize>(<i32>(value * 32)) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * One row towards the medians, rounded to bytes. `medians`: 12 floats, the three medians four times over. Writes a multiple
 * of 12 bytes. Samples at least `doubt` from a whole number have their places written to `doubtful`, 4 bytes each; answers
 * how many.
 */
export function blendMedian(
  pixels: usize,
  columns: usize,
  row: f32,
  medians: usize,
  length: i32,
  to: usize,
  doubt: f32,
  doubtful: usize,
): i32 {
  const rows = f32x4.splat(row);
  const far = f32x4.splat(doubt);
  const large = f32x4.splat(12582912);
  const first = v128.load(medians);
  const second = v128.load(medians, 16);
  const third = v128.load(medians, 32);
  let places = doubtful;
  for (let i: usize = 0; i < <usize>length; i += 12) {
    const a = towards(pixels + i * 4, columns + i * 4, rows, first);
    const b = towards(pixels + i * 4 + 16, columns + i * 4 + 16, rows, second);
    const c = towards(pixels + i * 4 + 32, columns + i * 4 + 32, rows, third);
    // Large enough that nothing is left behind the point: the sum's last bits are the rounded number.
    const sumA = f32x4.add(a, large);
    const sumB = f32x4.add(b, large);
    const sumC = f32x4.add(c, large);
    const roundA = f32x4.sub(sumA, large);
    const roundB = f32x4.sub(sumB, large);
    const roundC = f32x4.sub(sumC, large);
    const bytes = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_s(i32x4.sub(sumA, large), i32x4.sub(sumB, large)),
      i16x8.narrow_i32x4_s(i32x4.sub(sumC, large), i32x4.splat(0)),
    );
    v128.store(to + i, bytes);
    const farA = f32x4.ge(f32x4.abs(f32x4.sub(a, roundA)), far);
    const farB = f32x4.ge(f32x4.abs(f32x4.sub(b, roundB)), far);
    const farC = f32x4.ge(f32x4.abs(f32x4.sub(c, roundC)), far);
    if (v128.any_true(v128.or(v128.or(farA, farB), farC))) {
      let bits = i32x4.bitmask(farA) | (i32x4.bitmask(farB) << 4) | (i32x4.bitmask(farC) << 8);
      while (bits !== 0) {
        store<i32>(places, <i32>i + ctz(bits));
        places += 4;
        bits &= bits - 1;
      }
    }
  }
  return <i32>((places - doubtful) >> 2);
}

// @ts-ignore: decorator
@inline
function towards(pixels: usize, columns: usize, rows: v128, median: v128): v128 {
  const mask = f32x4.pmax(v128.load(columns), rows);
  const share = f32x4.pmin(f32x4.pmax(mask, f32x4.splat(0)), f32x4.splat(1));
  const pixel = v128.load(pixels);
  return f32x4.add(pixel, f32x4.mul(f32x4.sub(median, pixel), share));
}

// The reference's padding, exactly: SciPy's Gaussian filter in double precision with its order of additions, rounded to
// float32 after each pass, and the blends in float32. What is saved is work, not precision: rows and columns that are
// mirror images of others are not filtered again (the sum of a pair does not depend on its order), and neither are places
// where the blend gives the blur no weight. The host decides which rows and columns those are.

export function heapBase(): usize {
  return __heap_base;
}

/** Eight neighbouring samples of each of `rows` rows of bytes, as doubles. `index`: which row of the picture each one is. */
export function fillStrip(from: usize, stride: usize, index: usize, rows: i32, to: usize): void {
  for (let row = 0; row < rows; row++) {
    const words = v128.load8x8_u(from + <usize>load<i32>(index) * stride);
    const low = i32x4.extend_low_i16x8_u(words);
    const high = i32x4.extend_high_i16x8_u(words);
    v128.store(to, f64x2.convert_low_i32x4_u(low));
    v128.store(to, f64x2.convert_low_i32x4_u(v128.shuffle<i32>(low, low, 2, 3, 2, 3)), 16);
    v128.store(to, f64x2.convert_low_i32x4_u(high), 32);
    v128.store(to, f64x2.convert_low_i32x4_u(v128.shuffle<i32>(high, high, 2, 3, 2, 3)), 48);
    index += 4;
    to += 64;
  }
}

/**
 * Filters the eight columns of a strip down. `list`: for each output row its place in the strip (without the `radius`
 * rows before it). Writes 8 floats a row, `stride` bytes from one to the next.
 */
export function filterDown(
  strip: usize,
  list: usize,
  rows: i32,
  weights: usize,
  radius: i32,
  to: usize,
  stride: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const centre = strip + <usize>(load<i32>(list) + radius) * 64;
    const first = v128.load64_splat(weights);
    let a = f64x2.mul(v128.load(centre), first);
    let b = f64x2.mul(v128.load(centre, 16), first);
    let c = f64x2.mul(v128.load(centre, 32), first);
    let d = f64x2.mul(v128.load(centre, 48), first);
    let above = centre - <usize>radius * 64;
    let below = centre + <usize>radius * 64;
    for (let weight = weights + <usize>radius * 8; weight > weights; weight -= 8) {
      const k = v128.load64_splat(weight);
      a = f64x2.add(a, f64x2.mul(f64x2.add(v128.load(above), v128.load(below)), k));
      b = f64x2.add(b, f64x2.mul(f64x2.add(v128.load(above, 16), v128.load(below, 16)), k));
      c = f64x2.add(c, f64x2.mul(f64x2.add(v128.load(above, 32), v128.load(below, 32)), k));
      d = f64x2.add(d, f64x2.mul(f64x2.add(v128.load(above, 48), v128.load(below, 48)), k));
      above += 64;
      below -= 64;
    }
    storeEight(to, a, b, c, d);
    list += 4;
    to += stride;
  }
}

// @ts-ignore: decorator
@inline
function storeEight(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
  v128.store(to, v128.shuffle<i64>(f32x4.demote_f64x2_zero(c), f32x4.demote_f64x2_zero(d), 0, 2), 16);
}

/** RGB floats at the places of `index`, as doubles: a row spread to its padded length and the filter's reach beyond. */
export function spread(from: usize, index: usize, length: i32, to: usize): void {
  for (let i = 0; i < length; i++) {
    const at = from + <usize>load<i32>(index) * 12;
    store<f64>(to, <f64>load<f32>(at));
    store<f64>(to, <f64>load<f32>(at, 4), 8);
    store<f64>(to, <f64>load<f32>(at, 8), 16);
    index += 4;
    to += 24;
  }
}

/**
 * Filters samples `from` to `to` of a spread row along it. The last group of eight may reach beyond `to`: what it leaves
 * there is written again, or never read.
 */
export function filterAlong(
  line: usize,
  from: i32,
  to: i32,
  weights: usize,
  radius: i32,
  output: usize,
): void {
  const reach = <usize>radius * 24;
  for (let at = from; at < to; at += 8) {
    const centre = line + <usize>at * 8 + reach;
    const first = v128.load64_splat(weights);
    let a = f64x2.mul(v128.load(centre), first);
    let b = f64x2.mul(v128.load(centre, 16), first);
    let c = f64x2.mul(v128.load(centre, 32), first);
    let d = f64x2.mul(v128.load(centre, 48), first);
    let before = centre - reach;
    let after = centre + reach;
    for (let weight = weights + <usize>radius * 8; weight > weights; weight -= 8) {
      const k = v128.load64_splat(weight);
      a = f64x2.add(a, f64x2.mul(f64x2.add(v128.load(before), v128.load(after)), k));
      b = f64x2.add(b, f64x2.mul(f64x2.add(v128.load(before, 16), v128.load(after, 16)), k));
      c = f64x2.add(c, f64x2.mul(f64x2.add(v128.load(before, 32), v128.load(after, 32)), k));
      d = f64x2.add(d, f64x2.mul(f64x2.add(v128.load(before, 48), v128.load(after, 48)), k));
      before += 24;
      after -= 24;
    }
    storeEight(output + <usize>at * 4, a, b, c, d);
  }
}

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
  for (let x = 0; x < width; x++) {
    const at = from + <usize>load<i32>(index) * 3;
    store<f32>(to, <f32>load<u8>(at));
    store<f32>(to, <f32>load<u8>(at, 1), 4);
    store<f32>(to, <f32>load<u8>(at, 2), 8);
    index += 4;
    to += 12;
  }
}

/**
 * One row towards its blur, in float32. `columns`: mask of each sample's column; `row`: mask of the row. Where the share
 * is 0 the blur has not been computed, and whatever lies there is not looked at. Counts the results by channel in bins
 * of 1/32 grey level: 3 x 8192 counters at `bins`. `length` samples; rows are a multiple of 4 long in memory.
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
    const mask = f32x4.max(v128.load(columns + i), rows);
    const share = f32x4.min(f32x4.max(f32x4.add(f32x4.mul(mask, three), one), zero), one);
    const pixel = v128.load(pixels + i);
    const step = f32x4.mul(f32x4.sub(v128.load(blurred + i), pixel), share);
    const mixed = f32x4.add(pixel, step);
    v128.store(to + i, v128.bitselect(mixed, pixel, f32x4.gt(share, zero)));
  }
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

/** Every sample of one channel whose bin is `bin`; answers how many. `length` pixels. */
export function collect(from: usize, length: i32, bin: i32, to: usize): i32 {
  const start = to;
  for (let i = 0; i < length; i++) {
    const value = load<f32>(from);
    if (<i32>(value * 32) === bin) {
      store<f32>(to, value);
      to += 4;
    }
    from += 12;
  }
  return <i32>((to - start) >> 2);
}

/**
 * One row towards the medians, rounded to bytes. `medians`: 12 floats, the three medians four times over. Reads a
 * multiple of 12 samples, writes as many bytes.
 */
export function blendMedian(
  pixels: usize,
  columns: usize,
  row: f32,
  medians: usize,
  length: i32,
  to: usize,
): void {
  const rows = f32x4.splat(row);
  const first = v128.load(medians);
  const second = v128.load(medians, 16);
  const third = v128.load(medians, 32);
  for (let i: usize = 0; i < <usize>length; i += 12) {
    const a = towards(pixels + i * 4, columns + i * 4, rows, first);
    const b = towards(pixels + i * 4 + 16, columns + i * 4 + 16, rows, second);
    const c = towards(pixels + i * 4 + 32, columns + i * 4 + 32, rows, third);
    const bytes = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, c));
    v128.store(to + i, bytes);
  }
}

// @ts-ignore: decorator
@inline
function towards(pixels: usize, columns: usize, rows: v128, median: v128): v128 {
  const mask = f32x4.max(v128.load(columns), rows);
  const share = f32x4.min(f32x4.max(mask, f32x4.splat(0)), f32x4.splat(1));
  const pixel = v128.load(pixels);
  const mixed = f32x4.add(pixel, f32x4.mul(f32x4.sub(median, pixel), share));
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(mixed));
}

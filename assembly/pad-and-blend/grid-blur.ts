// The blur on a grid. Along one axis a filter K is nearly S: cubic B-splines that weigh the samples about each node of
// a grid, some weights from node to node, and the same splines back. What S misses along both axes is next to nothing,
// so
//   K K' = S K' + (K - S) S'
// and what is filtered by K itself is a picture of one row, or one column, in so many. Sums over the samples about a
// node are whole numbers; bytes count from 0 here, and all else from 127.5, the middle of their range.

/** Nodes that a sample lies within reach of. */
const NEAR: i32 = 4;

/**
 * `count` rows of bytes, an even number, between two nodes, to the sums of the four nodes about them: each `samples`
 * words long, a multiple of 8, `next` bytes apart. `index`: the rows in the picture. `weights`: for each pair of rows
 * and node, two 16-bit numbers.
 */
export function sumBytes(
  picture: usize,
  stride: usize,
  index: usize,
  count: i32,
  weights: usize,
  samples: i32,
  to: usize,
  next: usize,
): void {
  const b = to + next;
  const c = b + next;
  const d = c + next;
  for (let x: usize = 0; x < <usize>samples; x += 8) {
    const at = x * 4;
    let a0 = v128.load(to + at);
    let a1 = v128.load(to + at, 16);
    let b0 = v128.load(b + at);
    let b1 = v128.load(b + at, 16);
    let c0 = v128.load(c + at);
    let c1 = v128.load(c + at, 16);
    let d0 = v128.load(d + at);
    let d1 = v128.load(d + at, 16);
    let row = index;
    let weight = weights;
    for (let i = 0; i < count; i += 2) {
      const one = v128.load64_zero(picture + <usize>load<i32>(row) * stride + x);
      const other = v128.load64_zero(picture + <usize>load<i32>(row, 4) * stride + x);
      const both = i8x16.shuffle(one, other, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const low = i16x8.extend_low_i8x16_u(both);
      const high = i16x8.extend_high_i8x16_u(both);
      let k = v128.load32_splat(weight);
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(low, k));
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(high, k));
      k = v128.load32_splat(weight, 4);
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(low, k));
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(high, k));
      k = v128.load32_splat(weight, 8);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(low, k));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(high, k));
      k = v128.load32_splat(weight, 12);
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(low, k));
      d1 = i32x4.add(d1, i32x4.dot_i16x8_s(high, k));
      row += 8;
      weight += 16;
    }
    v128.store(to + at, a0);
    v128.store(to + at, a1, 16);
    v128.store(b + at, b0);
    v128.store(b + at, b1, 16);
    v128.store(c + at, c0);
    v128.store(c + at, c1, 16);
    v128.store(d + at, d0);
    v128.store(d + at, d1, 16);
  }
}

/**
 * The same along a row of RGB bytes, `cells` times `groups` x 4 pixels, of which `index` says which pixels of `from`
 * they are. Sums of a node: red, green, blue, and nothing. The first three and the last three lack the samples beyond
 * the row.
 */
export function sumAcross(
  from: usize,
  index: usize,
  cells: i32,
  groups: i32,
  weights: usize,
  line: usize,
  to: usize,
): void {
  spreadPixels(from, index, cells * groups * 4, line);
  let a = i32x4.splat(0);
  let b = i32x4.splat(0);
  let c = i32x4.splat(0);
  for (let cell = 0; cell < cells; cell++) {
    let d = i32x4.splat(0);
    let weight = weights;
    for (let group = 0; group < groups; group++) {
      const pixels = v128.load(line);
      const pairs = i8x16.shuffle(pixels, pixels, 0, 3, 1, 4, 2, 5, 12, 12, 6, 9, 7, 10, 8, 11, 12, 12);
      const low = i16x8.extend_low_i8x16_u(pairs);
      const high = i16x8.extend_high_i8x16_u(pairs);
      a = weigh(a, low, high, weight);
      b = weigh(b, low, high, weight + 4);
      c = weigh(c, low, high, weight + 8);
      d = weigh(d, low, high, weight + 12);
      line += 12;
      weight += 32;
    }
    v128.store(to, a);
    to += 16;
    a = b;
    b = c;
    c = d;
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
}

// @ts-ignore: decorator
@inline
function weigh(sum: v128, low: v128, high: v128, weight: usize): v128 {
  const one = i32x4.dot_i16x8_s(low, v128.load32_splat(weight));
  return i32x4.add(sum, i32x4.add(one, i32x4.dot_i16x8_s(high, v128.load32_splat(weight, 16))));
}

function spreadPixels(from: usize, index: usize, count: i32, to: usize): void {
  const end = index + <usize>count * 4;
  while (index < end) {
    const first = load<i32>(index);
    const at = from + <usize>first * 3;
    if (index + 16 <= end && load<i32>(index, 16) === first + 4) {
      v128.store(to, v128.load(at));
      index += 16;
      to += 12;
      continue;
    }
    store<u16>(to, load<u16>(at));
    store<u8>(to, load<u8>(at, 2), 2);
    index += 4;
    to += 3;
  }
}

/**
 * From node to node: `count` rows of floats, of sums that lie `stride` bytes apart; the first row's window begins at
 * `from`. `weights`: of the node itself and of the pairs at distance 1 to `reach`, as doubles. `middle`: what becomes
 * of 127.5.
 */
export function filterNodes(
  from: usize,
  stride: usize,
  count: i32,
  samples: i32,
  weights: usize,
  reach: i32,
  middle: f64,
  to: usize,
  next: usize,
): void {
  const centre = v128.load64_splat(weights);
  const zero = f64x2.splat(-middle);
  const span = <usize>reach * stride;
  for (let x: usize = 0; x < <usize>samples * 4; x += 16) {
    let own = from + span + x;
    let out = to + x;
    for (let row = 0; row < count; row++) {
      const sums = v128.load(own);
      let low = f64x2.add(zero, f64x2.mul(f64x2.convert_low_i32x4_s(sums), centre));
      let high = f64x2.add(zero, f64x2.mul(f64x2.convert_low_i32x4_s(upper(sums)), centre));
      let before = own;
      let after = own;
      const last = weights + <usize>reach * 8;
      for (let weight = weights + 8; weight <= last; weight += 8) {
        before -= stride;
        after += stride;
        const k = v128.load64_splat(weight);
        const pair = i32x4.add(v128.load(before), v128.load(after));
        low = f64x2.add(low, f64x2.mul(f64x2.convert_low_i32x4_s(pair), k));
        high = f64x2.add(high, f64x2.mul(f64x2.convert_low_i32x4_s(upper(pair)), k));
      }
      v128.store(
        out,
        v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2),
      );
      own += stride;
      out += next;
    }
  }
}

// @ts-ignore: decorator
@inline
function upper(words: v128): v128 {
  return v128.shuffle<i32>(words, words, 2, 3, 2, 3);
}

/** {@link sumBytes} of floats to doubles. `weights`: for each row and node, a double. */
export function sumFloats(
  from: usize,
  stride: usize,
  index: usize,
  count: i32,
  weights: usize,
  samples: i32,
  to: usize,
  next: usize,
): void {
  for (let x: usize = 0; x < <usize>samples; x += 4) {
    let weight = weights;
    for (let node = 0; node < NEAR; node++) {
      const at = to + <usize>node * next + x * 8;
      let low = v128.load(at);
      let high = v128.load(at, 16);
      for (let row = 0; row < count; row++) {
        const four = v128.load(from + <usize>load<i32>(index + <usize>row * 4) * stride + x * 4);
        const k = v128.load64_splat(weight);
        low = f64x2.add(low, f64x2.mul(f64x2.promote_low_f32x4(four), k));
        high = f64x2.add(high, f64x2.mul(f64x2.promote_low_f32x4(upper(four)), k));
        weight += 8;
      }
      v128.store(at, low);
      v128.store(at, high, 16);
    }
  }
}

/** {@link filterNodes} of doubles to doubles. */
export function filterDoubles(
  from: usize,
  stride: usize,
  count: i32,
  samples: i32,
  weights: usize,
  reach: i32,
  to: usize,
): void {
  const centre = v128.load64_splat(weights);
  const span = <usize>reach * stride;
  for (let x: usize = 0; x < <usize>samples * 8; x += 16) {
    let own = from + span + x;
    let out = to + x;
    for (let row = 0; row < count; row++) {
      let sum = f64x2.mul(v128.load(own), centre);
      let before = own;
      let after = own;
      const last = weights + <usize>reach * 8;
      for (let weight = weights + 8; weight <= last; weight += 8) {
        before -= stride;
        after += stride;
        const pair = f64x2.add(v128.load(before), v128.load(after));
        sum = f64x2.add(sum, f64x2.mul(pair, v128.load64_splat(weight)));
      }
      v128.store(out, sum);
      own += stride;
      out += stride;
    }
  }
}

/** Eight neighbouring columns of rows of floats, as a strip. `index`: which row each one is. */
export function fillFloats(from: usize, stride: usize, index: usize, rows: i32, to: usize): void {
  for (let row = 0; row < rows; row++) {
    const at = from + <usize>load<i32>(index) * stride;
    const low = v128.load(at);
    const high = v128.load(at, 16);
    v128.store(to, f64x2.promote_low_f32x4(low));
    v128.store(to, f64x2.promote_low_f32x4(upper(low)), 16);
    v128.store(to, f64x2.promote_low_f32x4(high), 32);
    v128.store(to, f64x2.promote_low_f32x4(upper(high)), 48);
    index += 4;
    to += 64;
  }
}

/**
 * What the nodes of one row miss: its own filtered floats less what four rows of doubles, `next` bytes apart, give by
 * `weights`, four floats. Of each node the three channels four times over: 12 floats.
 */
export function missing(
  own: usize,
  rows: usize,
  next: usize,
  weights: usize,
  count: i32,
  to: usize,
): void {
  const a = f64x2.splat(<f64>load<f32>(weights));
  const b = f64x2.splat(<f64>load<f32>(weights, 4));
  const c = f64x2.splat(<f64>load<f32>(weights, 8));
  const d = f64x2.splat(<f64>load<f32>(weights, 12));
  for (let node = 0; node < count; node++) {
    const four = v128.load(own);
    const low = f64x2.sub(f64x2.promote_low_f32x4(four), mixed(rows, next, a, b, c, d));
    const high = f64x2.sub(f64x2.promote_low_f32x4(upper(four)), mixed(rows + 16, next, a, b, c, d));
    const rest = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
    v128.store(to, v128.shuffle<i32>(rest, rest, 0, 1, 2, 0));
    v128.store(to, v128.shuffle<i32>(rest, rest, 1, 2, 0, 1), 16);
    v128.store(to, v128.shuffle<i32>(rest, rest, 2, 0, 1, 2), 32);
    own += 16;
    rows += 32;
    to += 48;
  }
}

// @ts-ignore: decorator
@inline
function mixed(rows: usize, next: usize, a: v128, b: v128, c: v128, d: v128): v128 {
  const first = f64x2.add(f64x2.mul(v128.load(rows), a), f64x2.mul(v128.load(rows + next), b));
  const more = f64x2.mul(v128.load(rows + 2 * next), c);
  return f64x2.add(first, f64x2.add(more, f64x2.mul(v128.load(rows + 3 * next), d)));
}

/**
 * Pixels from 4 x `from` to 4 x `to` of a blurred row: four rows of the grid, `next` bytes apart, by `weights`, four
 * floats, and what they miss. `shares`: of each of the `groups` groups of four pixels between two nodes, and each of
 * the four nodes about them, 12 floats.
 */
export function blurredRow(
  rows: usize,
  next: usize,
  weights: usize,
  missed: usize,
  shares: usize,
  groups: i32,
  from: i32,
  to: i32,
  output: usize,
): void {
  const a = v128.load32_splat(weights);
  const b = v128.load32_splat(weights, 4);
  const c = v128.load32_splat(weights, 8);
  const d = v128.load32_splat(weights, 12);
  const rowB = rows + next;
  const rowC = rowB + next;
  const rowD = rowC + next;
  let nth = from % groups;
  let node = missed + <usize>(from / groups) * 48;
  let share = shares + <usize>nth * 192;
  for (let at = <usize>from * 48; at < <usize>to * 48; at += 48) {
    for (let part: usize = 0; part < 48; part += 16) {
      const here = at + part;
      const outer = f32x4.add(f32x4.mul(v128.load(rows + here), a), f32x4.mul(v128.load(rowD + here), d));
      const inner = f32x4.add(f32x4.mul(v128.load(rowB + here), b), f32x4.mul(v128.load(rowC + here), c));
      const one = f32x4.add(
        f32x4.mul(v128.load(node + part), v128.load(share + part)),
        f32x4.mul(v128.load(node + part, 48), v128.load(share + part, 48)),
      );
      const other = f32x4.add(
        f32x4.mul(v128.load(node + part, 96), v128.load(share + part, 96)),
        f32x4.mul(v128.load(node + part, 144), v128.load(share + part, 144)),
      );
      const rest = f32x4.add(one, other);
      const sum = f32x4.add(f32x4.add(outer, inner), rest);
      v128.store(output + here, f32x4.add(sum, f32x4.splat(127.5)));
    }
    nth++;
    share += 192;
    if (nth === groups) {
      nth = 0;
      share = shares;
      node += 48;
    }
  }
}

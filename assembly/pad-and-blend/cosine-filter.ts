// A window's weighted sum by sliding cosines. With weights a cos(w t) for -r <= t <= r, the sum W[x] about place x of f obeys
//   W[x + 1] = 2 cos(w) W[x] - W[x - 1] + a cos(w r) (f[x + r + 1] + f[x - r - 1]) - a cos(w (r + 1)) (f[x + r] + f[x - r])
// so that a window of any width costs three products a term and place. The term without a cosine is a running sum.
//
// A strip holds eight neighbouring sequences side by side, as doubles: 64 bytes a place. Place x of the axis stands at row
// x + r + 2 of the strip: two rows beyond the window's reach start the recurrence one place before the first.

const ROW: usize = 64;
/** Places that are worked on together, so that their sums stay in the nearest cache. */
const BLOCK: i32 = 32;

/** Bytes of a row of a tile: the samples of eight strips. Rows of a picture lie pages apart; those of a tile do not. */
const TILE: usize = 64;

/** 64 neighbouring samples of each of `rows` rows of bytes. `index`: which row of the picture each one is. */
export function cutTile(from: usize, stride: usize, index: usize, rows: i32, to: usize): void {
  for (let row = 0; row < rows; row++) {
    const at = from + <usize>load<i32>(index) * stride;
    v128.store(to, v128.load(at));
    v128.store(to, v128.load(at, 16), 16);
    v128.store(to, v128.load(at, 32), 32);
    v128.store(to, v128.load(at, 48), 48);
    index += 4;
    to += TILE;
  }
}

/** Eight neighbouring columns of a tile, as a strip. */
export function fillDown(tile: usize, rows: i32, to: usize): void {
  for (let row = 0; row < rows; row++) {
    const words = v128.load8x8_u(tile);
    const low = i32x4.extend_low_i16x8_u(words);
    const high = i32x4.extend_high_i16x8_u(words);
    v128.store(to, f64x2.convert_low_i32x4_u(low));
    v128.store(to, f64x2.convert_low_i32x4_u(v128.shuffle<i32>(low, low, 2, 3, 2, 3)), 16);
    v128.store(to, f64x2.convert_low_i32x4_u(high), 32);
    v128.store(to, f64x2.convert_low_i32x4_u(v128.shuffle<i32>(high, high, 2, 3, 2, 3)), 48);
    tile += TILE;
    to += ROW;
  }
}

/** `strips` results of `rows` places of eight floats, one after the other, to rows that are `stride` bytes apart. */
export function scatterDown(from: usize, strips: i32, rows: i32, to: usize, stride: usize): void {
  const next = <usize>rows * 32;
  for (let row = 0; row < rows; row++) {
    let at = from;
    for (let strip: usize = 0; strip < <usize>strips; strip++) {
      v128.store(to + strip * 32, v128.load(at));
      v128.store(to + strip * 32, v128.load(at, 16), 16);
      at += next;
    }
    from += 32;
    to += stride;
  }
}

/** One channel of eight rows of RGB floats, whose addresses are at `rows`, as a strip of `length` places. */
export function fillAcross(rows: usize, channel: i32, index: usize, length: i32, to: usize): void {
  const shift = <usize>channel * 4;
  const a = <usize>load<i32>(rows) + shift;
  const b = <usize>load<i32>(rows, 4) + shift;
  const c = <usize>load<i32>(rows, 8) + shift;
  const d = <usize>load<i32>(rows, 12) + shift;
  const e = <usize>load<i32>(rows, 16) + shift;
  const f = <usize>load<i32>(rows, 20) + shift;
  const g = <usize>load<i32>(rows, 24) + shift;
  const h = <usize>load<i32>(rows, 28) + shift;
  for (let i = 0; i < length; i++) {
    const at = <usize>load<i32>(index) * 12;
    store<f64>(to, <f64>load<f32>(a + at));
    store<f64>(to, <f64>load<f32>(b + at), 8);
    store<f64>(to, <f64>load<f32>(c + at), 16);
    store<f64>(to, <f64>load<f32>(d + at), 24);
    store<f64>(to, <f64>load<f32>(e + at), 32);
    store<f64>(to, <f64>load<f32>(f + at), 40);
    store<f64>(to, <f64>load<f32>(g + at), 48);
    store<f64>(to, <f64>load<f32>(h + at), 56);
    index += 4;
    to += ROW;
  }
}

/** `count` places of eight floats to one channel of eight rows of RGB floats, from pixel `first` on. */
export function scatterAcross(from: usize, count: i32, rows: usize, channel: i32, first: i32): void {
  const shift = (<usize>first * 3 + <usize>channel) * 4;
  for (let row: usize = 0; row < 8; row++) {
    let to = <usize>load<i32>(rows + row * 4) + shift;
    let at = from + row * 4;
    for (let i = 0; i < count; i++) {
      store<f32>(to, load<f32>(at));
      to += 12;
      at += 32;
    }
  }
}

/**
 * Filters places `from` to `to` (exclusive) of a strip by a constant and `count` cosines, 8 floats a place. `terms`: the constant's weight, then for each cosine 2 cos(w), a cos(w r), -a cos(w (r + 1)) and a cos(w t) for t =
 * 0 to r. `work` has room for 3 x 32 rows, 2 a term, and r + 2.
 */
export function filterStrip(
  strip: usize,
  from: i32,
  to: i32,
  radius: i32,
  terms: usize,
  count: i32,
  work: usize,
  output: usize,
): void {
  const outer = work;
  const inner = outer + <usize>BLOCK * ROW;
  const sums = inner + <usize>BLOCK * ROW;
  const total = sums + <usize>BLOCK * ROW;
  const states = total + ROW;
  const pairs = states + <usize>count * 2 * ROW;
  const termBytes = <usize>(radius + 4) * 8;
  start(strip, from, radius, terms, count, total, states, pairs);
  for (let place = from; place < to; place += BLOCK) {
    const length = min(BLOCK, to - place);
    slide(strip + <usize>place * ROW, radius, length, load<f64>(terms), outer, inner, sums, total);
    for (let term = 0; term < count; term += 2) {
      const at = terms + 8 + <usize>term * termBytes;
      const state = states + <usize>term * 2 * ROW;
      addTwoTerms(at, at + termBytes, length, outer, inner, sums, state);
      addTwoTerms(at, at + termBytes, length, outer + 32, inner + 32, sums + 32, state + 32);
    }
    let at = sums;
    for (let i = 0; i < length; i++) {
      const low = v128.shuffle<i64>(
        f32x4.demote_f64x2_zero(v128.load(at)),
        f32x4.demote_f64x2_zero(v128.load(at, 16)),
        0,
        2,
      );
      const high = v128.shuffle<i64>(
        f32x4.demote_f64x2_zero(v128.load(at, 32)),
        f32x4.demote_f64x2_zero(v128.load(at, 48)),
        0,
        2,
      );
      v128.store(output, low);
      v128.store(output, high, 16);
      at += ROW;
      output += 32;
    }
  }
}

/** The sums one and two places before `from`, term by term, added up one by one. */
function start(
  strip: usize,
  from: i32,
  radius: i32,
  terms: usize,
  count: i32,
  total: usize,
  states: usize,
  pairs: usize,
): void {
  const termBytes = <usize>(radius + 4) * 8;
  for (let back = 2; back > 0; back--) {
    const centre = strip + <usize>(from - back + radius + 2) * ROW;
    for (let part: usize = 0; part < ROW; part += 16) {
      let sum = v128.load(centre + part);
      v128.store(pairs + part, sum);
      for (let t = 1; t <= radius; t++) {
        const pair = f64x2.add(
          v128.load(centre + part - <usize>t * ROW),
          v128.load(centre + part + <usize>t * ROW),
        );
        v128.store(pairs + part + <usize>t * ROW, pair);
        sum = f64x2.add(sum, pair);
      }
      v128.store(total + part, sum);
    }
    for (let term = 0; term < count; term++) {
      const table = terms + 8 + <usize>term * termBytes + 24;
      let a = f64x2.splat(0);
      let b = f64x2.splat(0);
      let c = f64x2.splat(0);
      let d = f64x2.splat(0);
      let at = pairs;
      for (let t = 0; t <= radius; t++) {
        const k = v128.load64_splat(table + <usize>t * 8);
        a = f64x2.add(a, f64x2.mul(v128.load(at), k));
        b = f64x2.add(b, f64x2.mul(v128.load(at, 16), k));
        c = f64x2.add(c, f64x2.mul(v128.load(at, 32), k));
        d = f64x2.add(d, f64x2.mul(v128.load(at, 48), k));
        at += ROW;
      }
      const state = states + (<usize>term * 2 + (back === 1 ? 0 : 1)) * ROW;
      v128.store(state, a);
      v128.store(state, b, 16);
      v128.store(state, c, 32);
      v128.store(state, d, 48);
    }
  }
}

/** What comes into the window and what leaves it, for a block of places; begins their sums with the constant's. */
function slide(
  rows: usize,
  radius: i32,
  length: i32,
  weight: f64,
  outer: usize,
  inner: usize,
  sums: usize,
  total: usize,
): void {
  const k = f64x2.splat(weight);
  for (let part: usize = 0; part < ROW; part += 16) {
    let sum = v128.load(total + part);
    let left = rows + part;
    let right = rows + part + <usize>(2 * radius + 1) * ROW;
    let leaving = v128.load(left);
    let entered = v128.load(right);
    let at = part;
    for (let i = 0; i < length; i++) {
      left += ROW;
      right += ROW;
      const entering = v128.load(right);
      const last = v128.load(left);
      v128.store(outer + at, f64x2.add(entering, leaving));
      v128.store(inner + at, f64x2.add(entered, last));
      sum = f64x2.add(sum, f64x2.sub(entering, last));
      v128.store(sums + at, f64x2.mul(sum, k));
      entered = entering;
      leaving = last;
      at += ROW;
    }
    v128.store(total + part, sum);
  }
}

/** Two cosines' share of a block of places, for half of the sequences. */
function addTwoTerms(
  first: usize,
  second: usize,
  length: i32,
  outer: usize,
  inner: usize,
  sums: usize,
  state: usize,
): void {
  const step = v128.load64_splat(first);
  const enter = v128.load64_splat(first, 8);
  const leave = v128.load64_splat(first, 16);
  const step2 = v128.load64_splat(second);
  const enter2 = v128.load64_splat(second, 8);
  const leave2 = v128.load64_splat(second, 16);
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let lastA = v128.load(state, 64);
  let lastB = v128.load(state, 80);
  let c = v128.load(state, 128);
  let d = v128.load(state, 144);
  let lastC = v128.load(state, 192);
  let lastD = v128.load(state, 208);
  let i = 0;
  // Two places at a time: the older sum becomes the newer one where it is.
  for (; i + 2 <= length; i += 2) {
    let go = v128.load(outer);
    let stay = v128.load(inner);
    lastA = next(go, stay, enter, leave, a, lastA, step);
    lastC = next(go, stay, enter2, leave2, c, lastC, step2);
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.add(lastA, lastC)));
    go = v128.load(outer, 16);
    stay = v128.load(inner, 16);
    lastB = next(go, stay, enter, leave, b, lastB, step);
    lastD = next(go, stay, enter2, leave2, d, lastD, step2);
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.add(lastB, lastD)), 16);
    go = v128.load(outer, 64);
    stay = v128.load(inner, 64);
    a = next(go, stay, enter, leave, lastA, a, step);
    c = next(go, stay, enter2, leave2, lastC, c, step2);
    v128.store(sums, f64x2.add(v128.load(sums, 64), f64x2.add(a, c)), 64);
    go = v128.load(outer, 80);
    stay = v128.load(inner, 80);
    b = next(go, stay, enter, leave, lastB, b, step);
    d = next(go, stay, enter2, leave2, lastD, d, step2);
    v128.store(sums, f64x2.add(v128.load(sums, 80), f64x2.add(b, d)), 80);
    outer += 2 * ROW;
    inner += 2 * ROW;
    sums += 2 * ROW;
  }
  // An odd place can only be the span's last.
  if (i < length) {
    const go = v128.load(outer);
    const stay = v128.load(inner);
    lastA = next(go, stay, enter, leave, a, lastA, step);
    lastC = next(go, stay, enter2, leave2, c, lastC, step2);
    v128.store(sums, f64x2.add(v128.load(sums), f64x2.add(lastA, lastC)));
    const go2 = v128.load(outer, 16);
    const stay2 = v128.load(inner, 16);
    lastB = next(go2, stay2, enter, leave, b, lastB, step);
    lastD = next(go2, stay2, enter2, leave2, d, lastD, step2);
    v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.add(lastB, lastD)), 16);
  }
  v128.store(state, a);
  v128.store(state, b, 16);
  v128.store(state, lastA, 64);
  v128.store(state, lastB, 80);
  v128.store(state, c, 128);
  v128.store(state, d, 144);
  v128.store(state, lastC, 192);
  v128.store(state, lastD, 208);
}

// @ts-ignore: decorator
@inline
function next(outer: v128, inner: v128, enter: v128, leave: v128, sum: v128, last: v128, step: v128): v128 {
  const change = f64x2.add(f64x2.mul(outer, enter), f64x2.mul(inner, leave));
  return f64x2.add(f64x2.sub(change, last), f64x2.mul(sum, step));
}

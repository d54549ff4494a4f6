// Single samples of SciPy's Gaussian filter, in its own arithmetic: double precision, the centre first and then pairs from
// the outermost inwards, down the columns, rounded to float32, then along the row. Columns that were summed for one sample
// of a row serve its neighbours; where nothing changes within the window, the sum is known.

/** Columns of one channel that are summed together. */
const GROUP: i32 = 16;

let bytes: usize = 0;
let stride: usize = 0;
let rowIndex: usize = 0;
let columnIndex: usize = 0;
let weights: usize = 0;
let radius: i32 = 0;
let groups: usize = 0;
/** Of each group: the row whose sums it holds, and places down its columns between which nothing changes. */
let stamps: usize = 0;
let flatFrom: usize = 0;
let flatTo: usize = 0;
/** Floats, `GROUP` a group. */
let values: usize = 0;
/** What the filter makes of each byte where there is no other. */
let flatSums: usize = 0;

/** Where the last sample was, and how many equal values its window ends with. */
let lastX: i32 = -2;
let lastY: i32 = -1;
let lastChannel: i32 = -1;
let run: i32 = 0;
let flatValue: f32 = -1;
let flatSum: f32 = 0;

/**
 * `indexOfRows`, `indexOfColumns`: what stands at each place from `reach` before the first on. `work` has room for 57 words
 * for every 16 columns, and 256. The picture is followed by 64 readable bytes.
 */
export function beginExact(
  picture: usize,
  width: i32,
  indexOfRows: usize,
  indexOfColumns: usize,
  weightsAt: usize,
  reach: i32,
  work: usize,
): void {
  bytes = picture;
  stride = <usize>width * 3;
  rowIndex = indexOfRows;
  columnIndex = indexOfColumns;
  weights = weightsAt;
  radius = reach;
  groups = <usize>((width + GROUP - 1) / GROUP);
  stamps = work;
  flatFrom = stamps + 12 * groups;
  flatTo = flatFrom + 12 * groups;
  flatSums = flatTo + 12 * groups;
  values = flatSums + 1024;
  memory.fill(stamps, 0xff, 36 * groups);
  for (let byte = 0; byte < 256; byte++) {
    const pair = <f64>(2 * byte);
    let sum = <f64>byte * load<f64>(weights);
    for (let k = radius; k > 0; k--) sum += pair * load<f64>(weights + <usize>k * 8);
    store<f32>(flatSums + <usize>byte * 4, <f32>sum);
  }
  lastY = -1;
  flatValue = -1;
}

/**
 * Samples of the padded picture blended into their blur, in float32 and NumPy's order, to floats that may overwrite their
 * `places`: 4 bytes each, row by row of `line` samples. `columns`: mask of each sample's column; `rows`: of the rows.
 */
export function blendExactly(
  places: usize,
  count: i32,
  line: i32,
  columns: usize,
  rows: usize,
  to: usize,
): void {
  for (let i = 0; i < count; i++) {
    const place = load<i32>(places + <usize>i * 4);
    const y = place / line;
    const nth = place - y * line;
    const x = nth / 3;
    const channel = nth - x * 3;
    const row = bytes + <usize>load<i32>(rowIndex + <usize>(y + radius) * 4) * stride;
    const from = <usize>load<i32>(columnIndex + <usize>(x + radius) * 4) * 3 + <usize>channel;
    const pixel = <f32>load<u8>(row + from);
    const mask = max(load<f32>(columns + <usize>nth * 4), load<f32>(rows + <usize>y * 4));
    const share = min<f32>(max<f32>(mask * 3 + 1, 0), 1);
    const value = share > 0 ? pixel + (exactBlur(x, y, channel) - pixel) * share : pixel;
    store<f32>(to + <usize>i * 4, value);
  }
}

/** The blur of one sample of the padded picture. Cheapest from left to right, row by row, channel by channel. */
function exactBlur(x: i32, y: i32, channel: i32): f32 {
  const own = values + <usize>channel * groups * GROUP * 4;
  const window = columnIndex + <usize>x * 4;
  const last = <usize>(2 * radius) * 4;
  const ahead = x - lastX;
  // What lies in the last sample's window too has been summed up already.
  const isNear = y === lastY && channel === lastChannel && ahead > 0 && ahead <= 2 * radius;
  let at = isNear ? last - <usize>(ahead - 1) * 4 : 0;
  let group = -1;
  for (let column = at; column <= last; column += 4) {
    const next = load<i32>(window + column) / GROUP;
    if (next !== group) sumColumns(next, y, channel);
    group = next;
  }
  if (!isNear) {
    run = 1;
    at = 4;
  }
  let end = valueAt(own, window + at - 4);
  for (; at <= last; at += 4) {
    const value = valueAt(own, window + at);
    run = value === end ? run + 1 : 1;
    end = value;
  }
  lastX = x;
  lastY = y;
  lastChannel = channel;
  const isFlat = run > 2 * radius;
  if (isFlat && end === flatValue) return flatSum;
  let before = window;
  let after = window + last;
  let sum = load<f64>(weights) * <f64>valueAt(own, window + (last >> 1));
  for (let weight = weights + <usize>radius * 8; weight > weights; weight -= 8) {
    sum += (<f64>valueAt(own, before) + <f64>valueAt(own, after)) * load<f64>(weight);
    before += 4;
    after -= 4;
  }
  if (isFlat) {
    flatValue = end;
    flatSum = <f32>sum;
  }
  return <f32>sum;
}

// @ts-ignore: decorator
@inline
function valueAt(own: usize, index: usize): f32 {
  return load<f32>(own + <usize>load<i32>(index) * 4);
}

/** One group of columns, unless it holds this row's sums already. */
// @ts-ignore: decorator
@inline
function sumColumns(group: i32, y: i32, channel: i32): void {
  const nth = <usize>channel * groups + <usize>group;
  if (load<i32>(stamps + nth * 4) === y) return;
  store<i32>(stamps + nth * 4, y);
  const column = bytes + <usize>group * GROUP * 3 + <usize>channel;
  const to = values + nth * GROUP * 4;
  if (isFlat(column, nth, y)) copyFlat(column, y, to);
  else sumDown(column, rowIndex + <usize>y * 4, to);
}

/** Is each column of the group of one value, from `y - radius` to `y + radius`? */
function isFlat(column: usize, nth: usize, y: i32): bool {
  const last = y + 2 * radius;
  if (!isSame(column, y, last) || !isSame(column, y, y + radius)) return false;
  let from = load<i32>(flatFrom + nth * 4);
  let to = load<i32>(flatTo + nth * 4);
  if (from > y || to < y) {
    from = y;
    to = y;
  }
  while (to < last) {
    to++;
    if (isSame(column, to - 1, to)) continue;
    from = to;
    break;
  }
  store<i32>(flatFrom + nth * 4, from);
  store<i32>(flatTo + nth * 4, to);
  return from <= y;
}

// @ts-ignore: decorator
@inline
function isSame(column: usize, one: i32, other: i32): bool {
  const index = rowIndex;
  return i8x16.all_true(
    i8x16.eq(rowOf(column, index + <usize>one * 4), rowOf(column, index + <usize>other * 4)),
  );
}

function copyFlat(column: usize, y: i32, to: usize): void {
  const row = column + <usize>load<i32>(rowIndex + <usize>y * 4) * stride;
  for (let i: usize = 0; i < <usize>GROUP; i++) {
    store<f32>(to + i * 4, load<f32>(flatSums + <usize>load<u8>(row + i * 3) * 4));
  }
}

function sumDown(column: usize, window: usize, to: usize): void {
  let before = window;
  let after = window + <usize>radius * 8;
  const centre = rowOf(column, window + <usize>radius * 4);
  const first = v128.load64_splat(weights);
  const low = i16x8.extend_low_i8x16_u(centre);
  const high = i16x8.extend_high_i8x16_u(centre);
  const none = f64x2.splat(0);
  // Adding to nothing changes no bit of a sum that cannot be below zero.
  let a = add01(none, low, first);
  let b = add23(none, low, first);
  let c = add45(none, low, first);
  let d = add67(none, low, first);
  let e = add01(none, high, first);
  let f = add23(none, high, first);
  let g = add45(none, high, first);
  let h = add67(none, high, first);
  for (let weight = weights + <usize>radius * 8; weight > weights; weight -= 8) {
    const one = rowOf(column, before);
    const other = rowOf(column, after);
    const k = v128.load64_splat(weight);
    const pairs = i16x8.add(i16x8.extend_low_i8x16_u(one), i16x8.extend_low_i8x16_u(other));
    a = add01(a, pairs, k);
    b = add23(b, pairs, k);
    c = add45(c, pairs, k);
    d = add67(d, pairs, k);
    const more = i16x8.add(i16x8.extend_high_i8x16_u(one), i16x8.extend_high_i8x16_u(other));
    e = add01(e, more, k);
    f = add23(f, more, k);
    g = add45(g, more, k);
    h = add67(h, more, k);
    before += 4;
    after -= 4;
  }
  storeFour(to, a, b);
  storeFour(to + 16, c, d);
  storeFour(to + 32, e, f);
  storeFour(to + 48, g, h);
}

/** Every third byte of a row of the picture, from `column` on. */
// @ts-ignore: decorator
@inline
function rowOf(column: usize, index: usize): v128 {
  const at = column + <usize>load<i32>(index) * stride;
  const some = i8x16.shuffle(
    v128.load(at),
    v128.load(at, 16),
    0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0,
  );
  return i8x16.shuffle(some, v128.load(at, 32), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
}

// @ts-ignore: decorator
@inline
function add01(sum: v128, words: v128, k: v128): v128 {
  return f64x2.add(sum, f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.extend_low_i16x8_u(words)), k));
}

// @ts-ignore: decorator
@inline
function add23(sum: v128, words: v128, k: v128): v128 {
  const pairs = i32x4.extend_low_i16x8_u(words);
  return f64x2.add(
    sum,
    f64x2.mul(f64x2.convert_low_i32x4_u(v128.shuffle<i32>(pairs, pairs, 2, 3, 2, 3)), k),
  );
}

// @ts-ignore: decorator
@inline
function add45(sum: v128, words: v128, k: v128): v128 {
  return f64x2.add(sum, f64x2.mul(f64x2.convert_low_i32x4_u(i32x4.extend_high_i16x8_u(words)), k));
}

// @ts-ignore: decorator
@inline
function add67(sum: v128, words: v128, k: v128): v128 {
  const pairs = i32x4.extend_high_i16x8_u(words);
  return f64x2.add(
    sum,
    f64x2.mul(f64x2.convert_low_i32x4_u(v128.shuffle<i32>(pairs, pairs, 2, 3, 2, 3)), k),
  );
}

// @ts-ignore: decorator
@inline
function storeFour(to: usize, a: v128, b: v128): void {
  v128.store(to, v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2));
}

// MD5 (RFC 1321) of eight messages at a time, one a lane of two vectors. Each step waits for the one before it, so that a
// processor is mostly idle over one message, and over one vector still: eight messages take hardly longer than one.

/** floor(2^32 |sin(i)|) for i = 1 to 64. */
const SINES = memory.data<u32>([
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8,
  0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
  0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87,
  0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
  0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
  0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
  0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
  0xeb86d391,
]);

/** The sixteen words of a block, each with its eight lanes. */
const WORDS = memory.data(512, 16);

const BLOCK: usize = 64;

export function heapBase(): usize {
  return __heap_base;
}

/**
 * Takes `blocks` blocks of 64 bytes from each of eight messages, `stride` bytes apart, into `states`: the words A, B, C and D
 * of RFC 1321, each for the eight lanes.
 */
export function takeBlocks(from: usize, stride: usize, blocks: i32, states: usize): void {
  let a = v128.load(states);
  let e = v128.load(states, 16);
  let b = v128.load(states, 32);
  let j = v128.load(states, 48);
  let c = v128.load(states, 64);
  let k = v128.load(states, 80);
  let d = v128.load(states, 96);
  let l = v128.load(states, 112);
  for (let block = 0; block < blocks; block++) {
    for (let at: usize = 0; at < BLOCK; at += 16) {
      turn(from + at, stride, WORDS + at * 8);
      turn(from + at + 4 * stride, stride, WORDS + at * 8 + 16);
    }
    a = f(a, b, c, d, 0, 0, 7);
    e = f(e, j, k, l, 1, 0, 7);
    d = f(d, a, b, c, 2, 1, 12);
    l = f(l, e, j, k, 3, 1, 12);
    c = f(c, d, a, b, 4, 2, 17);
    k = f(k, l, e, j, 5, 2, 17);
    b = f(b, c, d, a, 6, 3, 22);
    j = f(j, k, l, e, 7, 3, 22);
    a = f(a, b, c, d, 8, 4, 7);
    e = f(e, j, k, l, 9, 4, 7);
    d = f(d, a, b, c, 10, 5, 12);
    l = f(l, e, j, k, 11, 5, 12);
    c = f(c, d, a, b, 12, 6, 17);
    k = f(k, l, e, j, 13, 6, 17);
    b = f(b, c, d, a, 14, 7, 22);
    j = f(j, k, l, e, 15, 7, 22);
    a = f(a, b, c, d, 16, 8, 7);
    e = f(e, j, k, l, 17, 8, 7);
    d = f(d, a, b, c, 18, 9, 12);
    l = f(l, e, j, k, 19, 9, 12);
    c = f(c, d, a, b, 20, 10, 17);
    k = f(k, l, e, j, 21, 10, 17);
    b = f(b, c, d, a, 22, 11, 22);
    j = f(j, k, l, e, 23, 11, 22);
    a = f(a, b, c, d, 24, 12, 7);
    e = f(e, j, k, l, 25, 12, 7);
    d = f(d, a, b, c, 26, 13, 12);
    l = f(l, e, j, k, 27, 13, 12);
    c = f(c, d, a, b, 28, 14, 17);
    k = f(k, l, e, j, 29, 14, 17);
    b = f(b, c, d, a, 30, 15, 22);
    j = f(j, k, l, e, 31, 15, 22);
    a = g(a, b, c, d, 2, 16, 5);
    e = g(e, j, k, l, 3, 16, 5);
    d = g(d, a, b, c, 12, 17, 9);
    l = g(l, e, j, k, 13, 17, 9);
    c = g(c, d, a, b, 22, 18, 14);
    k = g(k, l, e, j, 23, 18, 14);
    b = g(b, c, d, a, 0, 19, 20);
    j = g(j, k, l, e, 1, 19, 20);
    a = g(a, b, c, d, 10, 20, 5);
    e = g(e, j, k, l, 11, 20, 5);
    d = g(d, a, b, c, 20, 21, 9);
    l = g(l, e, j, k, 21, 21, 9);
    c = g(c, d, a, b, 30, 22, 14);
    k = g(k, l, e, j, 31, 22, 14);
    b = g(b, c, d, a, 8, 23, 20);
    j = g(j, k, l, e, 9, 23, 20);
    a = g(a, b, c, d, 18, 24, 5);
    e = g(e, j, k, l, 19, 24, 5);
    d = g(d, a, b, c, 28, 25, 9);
    l = g(l, e, j, k, 29, 25, 9);
    c = g(c, d, a, b, 6, 26, 14);
    k = g(k, l, e, j, 7, 26, 14);
    b = g(b, c, d, a, 16, 27, 20);
    j = g(j, k, l, e, 17, 27, 20);
    a = g(a, b, c, d, 26, 28, 5);
    e = g(e, j, k, l, 27, 28, 5);
    d = g(d, a, b, c, 4, 29, 9);
    l = g(l, e, j, k, 5, 29, 9);
    c = g(c, d, a, b, 14, 30, 14);
    k = g(k, l, e, j, 15, 30, 14);
    b = g(b, c, d, a, 24, 31, 20);
    j = g(j, k, l, e, 25, 31, 20);
    a = h(a, b, c, d, 10, 32, 4);
    e = h(e, j, k, l, 11, 32, 4);
    d = h(d, a, b, c, 16, 33, 11);
    l = h(l, e, j, k, 17, 33, 11);
    c = h(c, d, a, b, 22, 34, 16);
    k = h(k, l, e, j, 23, 34, 16);
    b = h(b, c, d, a, 28, 35, 23);
    j = h(j, k, l, e, 29, 35, 23);
    a = h(a, b, c, d, 2, 36, 4);
    e = h(e, j, k, l, 3, 36, 4);
    d = h(d, a, b, c, 8, 37, 11);
    l = h(l, e, j, k, 9, 37, 11);
    c = h(c, d, a, b, 14, 38, 16);
    k = h(k, l, e, j, 15, 38, 16);
    b = h(b, c, d, a, 20, 39, 23);
    j = h(j, k, l, e, 21, 39, 23);
    a = h(a, b, c, d, 26, 40, 4);
    e = h(e, j, k, l, 27, 40, 4);
    d = h(d, a, b, c, 0, 41, 11);
    l = h(l, e, j, k, 1, 41, 11);
    c = h(c, d, a, b, 6, 42, 16);
    k = h(k, l, e, j, 7, 42, 16);
    b = h(b, c, d, a, 12, 43, 23);
    j = h(j, k, l, e, 13, 43, 23);
    a = h(a, b, c, d, 18, 44, 4);
    e = h(e, j, k, l, 19, 44, 4);
    d = h(d, a, b, c, 24, 45, 11);
    l = h(l, e, j, k, 25, 45, 11);
    c = h(c, d, a, b, 30, 46, 16);
    k = h(k, l, e, j, 31, 46, 16);
    b = h(b, c, d, a, 4, 47, 23);
    j = h(j, k, l, e, 5, 47, 23);
    a = i(a, b, c, d, 0, 48, 6);
    e = i(e, j, k, l, 1, 48, 6);
    d = i(d, a, b, c, 14, 49, 10);
    l = i(l, e, j, k, 15, 49, 10);
    c = i(c, d, a, b, 28, 50, 15);
    k = i(k, l, e, j, 29, 50, 15);
    b = i(b, c, d, a, 10, 51, 21);
    j = i(j, k, l, e, 11, 51, 21);
    a = i(a, b, c, d, 24, 52, 6);
    e = i(e, j, k, l, 25, 52, 6);
    d = i(d, a, b, c, 6, 53, 10);
    l = i(l, e, j, k, 7, 53, 10);
    c = i(c, d, a, b, 20, 54, 15);
    k = i(k, l, e, j, 21, 54, 15);
    b = i(b, c, d, a, 2, 55, 21);
    j = i(j, k, l, e, 3, 55, 21);
    a = i(a, b, c, d, 16, 56, 6);
    e = i(e, j, k, l, 17, 56, 6);
    d = i(d, a, b, c, 30, 57, 10);
    l = i(l, e, j, k, 31, 57, 10);
    c = i(c, d, a, b, 12, 58, 15);
    k = i(k, l, e, j, 13, 58, 15);
    b = i(b, c, d, a, 26, 59, 21);
    j = i(j, k, l, e, 27, 59, 21);
    a = i(a, b, c, d, 8, 60, 6);
    e = i(e, j, k, l, 9, 60, 6);
    d = i(d, a, b, c, 22, 61, 10);
    l = i(l, e, j, k, 23, 61, 10);
    c = i(c, d, a, b, 4, 62, 15);
    k = i(k, l, e, j, 5, 62, 15);
    b = i(b, c, d, a, 18, 63, 21);
    j = i(j, k, l, e, 19, 63, 21);
    a = i32x4.add(a, v128.load(states));
    e = i32x4.add(e, v128.load(states, 16));
    b = i32x4.add(b, v128.load(states, 32));
    j = i32x4.add(j, v128.load(states, 48));
    c = i32x4.add(c, v128.load(states, 64));
    k = i32x4.add(k, v128.load(states, 80));
    d = i32x4.add(d, v128.load(states, 96));
    l = i32x4.add(l, v128.load(states, 112));
    v128.store(states, a);
    v128.store(states, e, 16);
    v128.store(states, b, 32);
    v128.store(states, j, 48);
    v128.store(states, c, 64);
    v128.store(states, k, 80);
    v128.store(states, d, 96);
    v128.store(states, l, 112);
    from += BLOCK;
  }
}

/** Four words of each of four messages, turned so that each word has its lanes side by side. */
// @ts-ignore: decorator
@inline
function turn(from: usize, stride: usize, to: usize): void {
  const one = v128.load(from);
  const two = v128.load(from + stride);
  const three = v128.load(from + 2 * stride);
  const four = v128.load(from + 3 * stride);
  const low = v128.shuffle<i32>(one, two, 0, 4, 1, 5);
  const high = v128.shuffle<i32>(one, two, 2, 6, 3, 7);
  const otherLow = v128.shuffle<i32>(three, four, 0, 4, 1, 5);
  const otherHigh = v128.shuffle<i32>(three, four, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low, otherLow, 0, 2));
  v128.store(to, v128.shuffle<i64>(low, otherLow, 1, 3), 32);
  v128.store(to, v128.shuffle<i64>(high, otherHigh, 0, 2), 64);
  v128.store(to, v128.shuffle<i64>(high, otherHigh, 1, 3), 96);
}

/** What does not wait for the step before: `a`, a word of the block and a sine. */
// @ts-ignore: decorator
@inline
function given(a: v128, word: usize, nth: usize): v128 {
  return i32x4.add(a, i32x4.add(v128.load(WORDS + word * 16), v128.load32_splat(SINES + nth * 4)));
}

// @ts-ignore: decorator
@inline
function turned(sum: v128, left: i32, b: v128): v128 {
  return i32x4.add(b, v128.or(i32x4.shl(sum, left), i32x4.shr_u(sum, 32 - left)));
}

// The four functions of RFC 1321, written so that little of them waits for `b`.

// @ts-ignore: decorator
@inline
function f(a: v128, b: v128, c: v128, d: v128, word: usize, nth: usize, left: i32): v128 {
  return turned(i32x4.add(given(a, word, nth), v128.xor(d, v128.and(b, v128.xor(c, d)))), left, b);
}

// @ts-ignore: decorator
@inline
function g(a: v128, b: v128, c: v128, d: v128, word: usize, nth: usize, left: i32): v128 {
  const most = i32x4.add(given(a, word, nth), v128.andnot(c, d));
  return turned(i32x4.add(most, v128.and(b, d)), left, b);
}

// @ts-ignore: decorator
@inline
function h(a: v128, b: v128, c: v128, d: v128, word: usize, nth: usize, left: i32): v128 {
  return turned(i32x4.add(given(a, word, nth), v128.xor(b, v128.xor(c, d))), left, b);
}

// @ts-ignore: decorator
@inline
function i(a: v128, b: v128, c: v128, d: v128, word: usize, nth: usize, left: i32): v128 {
  return turned(i32x4.add(given(a, word, nth), v128.xor(c, v128.or(b, v128.not(d)))), left, b);
}

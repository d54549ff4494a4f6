// MD5 (RFC 1321) of four messages at a time, one a lane. Each step waits for the one before it, so that a processor is mostly
// idle over one message: four take hardly longer than one.

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

/** The sixteen words of a block, each with its four lanes. */
const WORDS = memory.data(256, 16);

const BLOCK: usize = 64;

export function heapBase(): usize {
  return __heap_base;
}

/**
 * Takes `blocks` blocks of 64 bytes from each of four messages, `stride` bytes apart, into `states`: the words A, B, C and D
 * of RFC 1321, each for the four lanes.
 */
export function takeBlocks(from: usize, stride: usize, blocks: i32, states: usize): void {
  let a = v128.load(states);
  let b = v128.load(states, 16);
  let c = v128.load(states, 32);
  let d = v128.load(states, 48);
  for (let block = 0; block < blocks; block++) {
    for (let at: usize = 0; at < BLOCK; at += 16) turn(from + at, stride, WORDS + at * 4);
    const oldA = a;
    const oldB = b;
    const oldC = c;
    const oldD = d;
    a = f(a, b, c, d, 0, 0, 7);
    d = f(d, a, b, c, 1, 1, 12);
    c = f(c, d, a, b, 2, 2, 17);
    b = f(b, c, d, a, 3, 3, 22);
    a = f(a, b, c, d, 4, 4, 7);
    d = f(d, a, b, c, 5, 5, 12);
    c = f(c, d, a, b, 6, 6, 17);
    b = f(b, c, d, a, 7, 7, 22);
    a = f(a, b, c, d, 8, 8, 7);
    d = f(d, a, b, c, 9, 9, 12);
    c = f(c, d, a, b, 10, 10, 17);
    b = f(b, c, d, a, 11, 11, 22);
    a = f(a, b, c, d, 12, 12, 7);
    d = f(d, a, b, c, 13, 13, 12);
    c = f(c, d, a, b, 14, 14, 17);
    b = f(b, c, d, a, 15, 15, 22);
    a = g(a, b, c, d, 1, 16, 5);
    d = g(d, a, b, c, 6, 17, 9);
    c = g(c, d, a, b, 11, 18, 14);
    b = g(b, c, d, a, 0, 19, 20);
    a = g(a, b, c, d, 5, 20, 5);
    d = g(d, a, b, c, 10, 21, 9);
    c = g(c, d, a, b, 15, 22, 14);
    b = g(b, c, d, a, 4, 23, 20);
    a = g(a, b, c, d, 9, 24, 5);
    d = g(d, a, b, c, 14, 25, 9);
    c = g(c, d, a, b, 3, 26, 14);
    b = g(b, c, d, a, 8, 27, 20);
    a = g(a, b, c, d, 13, 28, 5);
    d = g(d, a, b, c, 2, 29, 9);
    c = g(c, d, a, b, 7, 30, 14);
    b = g(b, c, d, a, 12, 31, 20);
    a = h(a, b, c, d, 5, 32, 4);
    d = h(d, a, b, c, 8, 33, 11);
    c = h(c, d, a, b, 11, 34, 16);
    b = h(b, c, d, a, 14, 35, 23);
    a = h(a, b, c, d, 1, 36, 4);
    d = h(d, a, b, c, 4, 37, 11);
    c = h(c, d, a, b, 7, 38, 16);
    b = h(b, c, d, a, 10, 39, 23);
    a = h(a, b, c, d, 13, 40, 4);
    d = h(d, a, b, c, 0, 41, 11);
    c = h(c, d, a, b, 3, 42, 16);
    b = h(b, c, d, a, 6, 43, 23);
    a = h(a, b, c, d, 9, 44, 4);
    d = h(d, a, b, c, 12, 45, 11);
    c = h(c, d, a, b, 15, 46, 16);
    b = h(b, c, d, a, 2, 47, 23);
    a = i(a, b, c, d, 0, 48, 6);
    d = i(d, a, b, c, 7, 49, 10);
    c = i(c, d, a, b, 14, 50, 15);
    b = i(b, c, d, a, 5, 51, 21);
    a = i(a, b, c, d, 12, 52, 6);
    d = i(d, a, b, c, 3, 53, 10);
    c = i(c, d, a, b, 10, 54, 15);
    b = i(b, c, d, a, 1, 55, 21);
    a = i(a, b, c, d, 8, 56, 6);
    d = i(d, a, b, c, 15, 57, 10);
    c = i(c, d, a, b, 6, 58, 15);
    b = i(b, c, d, a, 13, 59, 21);
    a = i(a, b, c, d, 4, 60, 6);
    d = i(d, a, b, c, 11, 61, 10);
    c = i(c, d, a, b, 2, 62, 15);
    b = i(b, c, d, a, 9, 63, 21);
    a = i32x4.add(a, oldA);
    b = i32x4.add(b, oldB);
    c = i32x4.add(c, oldC);
    d = i32x4.add(d, oldD);
    from += BLOCK;
  }
  v128.store(states, a);
  v128.store(states, b, 16);
  v128.store(states, c, 32);
  v128.store(states, d, 48);
}

/** Four words of each message, turned so that each word has its lanes side by side. */
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
  v128.store(to, v128.shuffle<i64>(low, otherLow, 1, 3), 16);
  v128.store(to, v128.shuffle<i64>(high, otherHigh, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(high, otherHigh, 1, 3), 48);
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

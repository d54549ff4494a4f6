const ADLER: u32 = 65521;
/** Bytes after which columns of 16 bits are added up: no sum of sums in them is larger than 255 x (1 + 2 + ... + 16). */
const STRIPE: usize = 256;
/** Bytes after which sums are reduced: 32 bits hold no more (zlib's own number is 5552). */
const PART: usize = 5376;
const WEIGHTS = memory.data<u16>([16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 16);

/** Adler-32 of what `sum` was of, and `length` bytes more. */
export function adler(sum: u32, at: usize, length: usize): u32 {
  let one = sum & 0xffff;
  let two = sum >>> 16;
  const end = at + length;
  const early = v128.load(WEIGHTS);
  const late = v128.load(WEIGHTS, 16);
  while (at < end) {
    const stop = min(end, at + PART);
    for (; at + STRIPE <= stop; at += STRIPE) {
      // Of each of 16 columns: its sum, and the sum of that sum before each row.
      let low = i16x8.splat(0);
      let high = i16x8.splat(0);
      let lowBefore = i16x8.splat(0);
      let highBefore = i16x8.splat(0);
      for (let row: usize = 0; row < STRIPE; row += 16) {
        const bytes = v128.load(at + row);
        lowBefore = i16x8.add(lowBefore, low);
        highBefore = i16x8.add(highBefore, high);
        low = i16x8.add(low, i16x8.extend_low_i8x16_u(bytes));
        high = i16x8.add(high, i16x8.extend_high_i8x16_u(bytes));
      }
      two += <u32>STRIPE * one;
      const before = i32x4.add(i32x4.extadd_pairwise_i16x8_u(lowBefore), i32x4.extadd_pairwise_i16x8_u(highBefore));
      two += 16 * total(before);
      // 16 x 4080 is more than a signed lane holds: dot products are not for these.
      const weighted = i32x4.add(
        i32x4.add(i32x4.extmul_low_i16x8_u(low, early), i32x4.extmul_high_i16x8_u(low, early)),
        i32x4.add(i32x4.extmul_low_i16x8_u(high, late), i32x4.extmul_high_i16x8_u(high, late)),
      );
      two += total(weighted);
      one += total(i32x4.add(i32x4.extadd_pairwise_i16x8_u(low), i32x4.extadd_pairwise_i16x8_u(high)));
    }
    for (; at < stop; at++) {
      one += load<u8>(at);
      two += one;
    }
    one %= ADLER;
    two %= ADLER;
  }
  return (two << 16) | one;
}

function total(sums: v128): u32 {
  const pairs = i32x4.add(sums, v128.shuffle<i32>(sums, sums, 2, 3, 0, 1));
  return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
}

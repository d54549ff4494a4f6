/** Where a stream that is being inflated stands. */
export abstract class Stream {
  /** What comes next: a `Part`. */
  static part: i32 = 0;
  static isLastBlock: bool = false;
  /** Bytes left of a stored block. */
  static stored: usize = 0;

  /** The next byte of the input, its end, and whether more will come. */
  static from: usize = 0;
  static fromEnd: usize = 0;
  static isWhole: bool = false;

  /** Bits that were read and not used, the next one lowest; those above `count` are zeros. */
  static bits: u64 = 0;
  static count: u32 = 0;
  /** Bits of the first byte of the input that were used before. */
  static used: u32 = 0;

  /** The first byte that a match may copy, the next byte of the output, and where output ends for now. */
  static first: usize = 0;
  static to: usize = 0;
  static limit: usize = 0;
  /** How far output is in the check sum. */
  static summed: usize = 0;
  static sum: u32 = 1;
  static isChecked: bool = true;
}

/** Parts of a stream. */
export namespace Part {
  export const HEAD: i32 = 0;
  export const BLOCK: i32 = 1;
  export const STORED: i32 = 2;
  export const CODES: i32 = 3;
  export const SUM: i32 = 4;
  export const END: i32 = 5;
  /** A fault was found: nothing comes any more. */
  export const FAULT: i32 = 6;
}

/** What `inflate` answers; hosts know the numbers. From `FAULT` on: what is wrong. */
export namespace Answer {
  export const END: i32 = 0;
  export const WANTS_INPUT: i32 = 1;
  export const IS_FULL: i32 = 2;
  export const FAULT: i32 = 3;

  export const WRONG_HEAD: i32 = 3;
  export const UNKNOWN_METHOD: i32 = 4;
  export const WRONG_WINDOW: i32 = 5;
  export const NEEDS_DICTIONARY: i32 = 6;
  export const WRONG_BLOCK: i32 = 7;
  export const WRONG_STORED_LENGTH: i32 = 8;
  export const TOO_MANY_SYMBOLS: i32 = 9;
  export const WRONG_LENGTHS_CODE: i32 = 10;
  export const WRONG_REPEAT: i32 = 11;
  export const NO_END_OF_BLOCK: i32 = 12;
  export const WRONG_LITERALS_CODE: i32 = 13;
  export const WRONG_DISTANCES_CODE: i32 = 14;
  export const WRONG_SYMBOL: i32 = 15;
  export const WRONG_DISTANCE: i32 = 16;
  export const TOO_FAR_BACK: i32 = 17;
  export const WRONG_SUM: i32 = 18;
  export const CUT_OFF: i32 = 19;
}

/** Reads so many bits into `Stream.bits`, 48 at most; false where the input has no more of them. */
// @ts-ignore: decorator
@inline
export function need(count: u32): bool {
  if (Stream.count < count) refill();
  return Stream.count >= count;
}

/** Up to 55 bits. */
export function refill(): void {
  const left = Stream.fromEnd - Stream.from;
  const bytes: u32 = (<u32>55 - Stream.count) >> 3;
  if (left >= 8) {
    const count: u32 = Stream.count + 8 * bytes;
    Stream.bits = (Stream.bits | (load<u64>(Stream.from) << Stream.count)) & (((<u64>1) << count) - 1);
    Stream.count = count;
    Stream.from += bytes;
  } else {
    for (let nth: u32 = 0; nth < bytes && Stream.from < Stream.fromEnd; nth++) {
      Stream.bits |= <u64>load<u8>(Stream.from++) << Stream.count;
      Stream.count += 8;
    }
  }
}

// @ts-ignore: decorator
@inline
export function drop(count: u32): void {
  Stream.bits >>= count;
  Stream.count -= count;
}

/** Takes bits that `need` has read. */
// @ts-ignore: decorator
@inline
export function take(count: u32): u32 {
  const value = <u32>Stream.bits & ((1 << count) - 1);
  drop(count);
  return value;
}

/** Whole bytes that were read and not used are the input's again: less than a byte stays. */
export function giveBack(): void {
  Stream.from -= Stream.count >> 3;
  Stream.count &= 7;
  Stream.bits &= (1 << Stream.count) - 1;
}

/** The same where bits before `from` are known by their number alone. */
export function readAgain(count: u32): void {
  Stream.from -= count >> 3;
  Stream.count = count & 7;
  Stream.bits = Stream.count === 0 ? 0 : <u64>load<u8>(Stream.from - 1) >> (8 - Stream.count);
}

/** Between pieces of input nothing is held: a byte that is used in part comes again, and is used from this bit on. */
export function leave(): void {
  giveBack();
  Stream.used = Stream.count === 0 ? 0 : 8 - Stream.count;
  if (Stream.count > 0) Stream.from--;
  Stream.count = 0;
}

export function resume(): void {
  Stream.bits = 0;
  Stream.count = 0;
  if (Stream.used > 0 && need(8)) drop(Stream.used);
}

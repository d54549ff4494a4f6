import { constants, deflateSync, inflateRawSync } from 'node:zlib';

/**
 * A zlib stream for each number: of zlib's own making by any of its options, or of blocks and codes that no encoder would
 * choose, of which about half are wrong in one place.
 */
export function zlibStream(seed: number): Buffer {
  const dice = new Dice(seed);
  return dice.below(2) === 0 ? encoded(dice) : written(dice);
}

/** Numbers that a seed repeats (xorshift, 32 bits). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
    for (let nth = 0; nth < 4; nth++) this.below(2);
  }

  /** 0 to `most` - 1. */
  below(most: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % most;
  }

  /** Once in so many times. */
  isOneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  of<Value>(list: readonly Value[]): Value {
    return list[this.below(list.length)] as Value;
  }
}

/** Noise, few values, runs, and what was there before. */
function someBytes(dice: Dice): Buffer {
  const parts: Buffer[] = [];
  for (let left = dice.of([0, 1, 3, 8, 30]); left > 0; left--) {
    const length = dice.below(dice.of([3, 40, 400, 4_000]));
    const kind = dice.below(4);
    const [first, few] = [dice.below(256), 1 + dice.below(40)];
    const whole = Buffer.concat(parts);
    const from = dice.below(Math.max(1, whole.length));
    if (kind === 3 && whole.length > 0) parts.push(whole.subarray(from, from + length));
    else {
      const byte = [() => dice.below(256), () => first + dice.below(few), () => first, () => dice.below(2)][
        kind
      ];
      parts.push(Buffer.from(Array.from({ length }, byte ?? (() => 0))));
    }
  }
  return Buffer.concat(parts);
}

function encoded(dice: Dice): Buffer {
  return deflateSync(someBytes(dice), {
    level: dice.of([0, 1, 3, 6, 6, 9]),
    memLevel: dice.of([1, 8, 9]),
    windowBits: dice.of([9, 12, 15, 15]),
    strategy: dice.of([
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FILTERED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FIXED,
    ]),
  });
}

const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Blocks written bit by bit, with their right check sum where they are right. */
function written(dice: Dice): Buffer {
  const bits = new Bits();
  const blocks = 1 + dice.below(4);
  let made = 0;
  for (let nth = 1; nth <= blocks; nth++) {
    bits.put(nth === blocks ? 1 : 0, 1);
    const type = dice.isOneIn(60) ? 3 : dice.of([0, 1, 2, 2, 2, 2]);
    bits.put(type, 2);
    if (type === 0) made += writeStored(bits, dice);
    else if (type === 1) made += writeSymbols(bits, dice, fixed, made);
    else if (type === 2) {
      const codes = someCodes(dice);
      writeCodes(bits, dice, codes);
      made += writeSymbols(bits, dice, codes, made);
    }
  }
  const deflated = bits.bytes();
  const head = dice.isOneIn(30)
    ? [dice.below(256), dice.below(256)]
    : dice.of([
        [0x78, 0x9c],
        [0x08, 0x1d],
      ]);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(dice.isOneIn(40) ? dice.below(2 ** 31) : sumOf(deflated));
  const behind = dice.isOneIn(10) ? [dice.below(256), dice.below(256)] : [];
  return Buffer.concat([Buffer.from(head), deflated, tail, Buffer.from(behind)]);
}

/** Adler-32 of what zlib makes of it; 1 where it makes nothing. */
function sumOf(deflated: Buffer): number {
  let [one, two] = [1, 0];
  try {
    for (const byte of inflateRawSync(deflated)) {
      one = (one + byte) % 65_521;
      two = (two + one) % 65_521;
    }
  } catch {
    return 1;
  }
  return two * 65_536 + one;
}

function writeStored(bits: Bits, dice: Dice): number {
  bits.align();
  const length = dice.of([0, 1, 5, 300]);
  bits.put(length, 16);
  bits.put(dice.isOneIn(20) ? dice.below(65_536) : length ^ 0xffff, 16);
  for (let nth = 0; nth < length; nth++) bits.put(dice.below(256), 8);
  return length;
}

/** Lengths of codes by symbol, 0 where there is none. */
interface Codes {
  readonly literals: readonly number[];
  readonly distances: readonly number[];
}

const fixed: Codes = {
  literals: Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  ),
  distances: new Array<number>(32).fill(5),
};

function someCodes(dice: Dice): Codes {
  const literals = 257 + dice.below(30);
  const many = dice.of([0, 1, 5, 60, 200]);
  const [lengths, distances] = [
    new Array<number>(literals).fill(0),
    new Array<number>(1 + dice.below(30)).fill(0),
  ];
  const used = new Set(dice.isOneIn(50) ? [] : [256]);
  for (let nth = 0; nth < many; nth++) used.add(dice.below(dice.isOneIn(2) ? 256 : literals));
  fill(lengths, [...used], dice);
  const far = new Set<number>();
  for (let left = dice.of([0, 1, 2, 8, 40]); left > 0; left--) far.add(dice.below(distances.length));
  fill(distances, [...far], dice);
  return { literals: lengths, distances };
}

/** Lengths of a whole code for these symbols, or of one that is not quite one. */
function fill(lengths: number[], symbols: readonly number[], dice: Dice): void {
  const leaves = [0];
  while (leaves.length < symbols.length) {
    // Long ones as a rule: the longest are split until they cannot be.
    const deep = leaves.map((_, at) => at).filter((at) => (leaves[at] as number) < 15);
    const at = dice.isOneIn(2) ? (deep.at(-1) as number) : dice.of(deep);
    const depth = (leaves[at] as number) + 1;
    leaves.splice(at, 1, depth, depth);
  }
  for (const [nth, symbol] of symbols.entries()) lengths[symbol] = Math.max(1, leaves[nth] as number);
  if (dice.isOneIn(25) && lengths.length > 0) lengths[dice.below(lengths.length)] = dice.below(16);
}

function writeCodes(bits: Bits, dice: Dice, { literals, distances }: Codes): void {
  bits.put((dice.isOneIn(60) ? 31 : literals.length - 257) & 31, 5);
  bits.put((dice.isOneIn(60) ? 31 : distances.length - 1) & 31, 5);
  const own = new Array<number>(19).fill(0);
  if (dice.isOneIn(2)) for (let symbol = 0; symbol < 16; symbol++) own[symbol] = 4;
  else for (let symbol = 0; symbol < 19; symbol++) own[symbol] = symbol < 13 ? 4 : 5;
  if (dice.isOneIn(30)) own[dice.below(19)] = dice.below(8);
  const repeats = own[18] !== 0;
  bits.put(15, 4);
  for (const symbol of ORDER) bits.put(own[symbol] as number, 3);
  const put = coded(own, bits);
  const all = [...literals, ...distances];
  for (let at = 0; at < all.length; ) {
    const length = all[at] as number;
    let same = 1;
    while (all[at + same] === length) same++;
    if (dice.isOneIn(200)) same += 100;
    if (repeats && length === 0 && same > 10) {
      const times = Math.min(138, same);
      put(18);
      bits.put(times - 11, 7);
      at += times;
    } else if (repeats && length === 0 && same > 2) {
      const times = Math.min(10, same);
      put(17);
      bits.put(times - 3, 3);
      at += times;
    } else if (repeats && same > 3) {
      put(length);
      const times = Math.min(6, same - 1);
      put(16);
      bits.put(times - 3, 2);
      at += 1 + times;
    } else {
      put(length);
      at++;
    }
  }
}

/** Symbols of these codes, mostly with distances that there are; answers how many bytes they are. */
function writeSymbols(bits: Bits, dice: Dice, { literals, distances }: Codes, before: number): number {
  const [put, putDistance] = [coded(literals, bits), coded(distances, bits)];
  const known = literals.flatMap((length, symbol) => (length > 0 && symbol !== 256 ? [symbol] : []));
  const far = distances.flatMap((length, symbol) => (length > 0 ? [symbol] : []));
  let made = 0;
  for (let left = known.length === 0 ? 0 : dice.of([0, 3, 50, 400]); left > 0; left--) {
    const symbol = dice.of(known);
    if (symbol < 256) {
      put(symbol);
      made++;
      continue;
    }
    const near = dice.isOneIn(100) ? far : far.filter((code) => code < 30 && baseOf(code) <= before + made);
    if (near.length === 0) continue;
    put(symbol);
    const extra = symbol < 265 || symbol >= 285 ? 0 : (symbol - 261) >> 2;
    bits.put(dice.below(1 << extra), extra);
    const code = dice.of(near);
    putDistance(code);
    bits.put(dice.isOneIn(20) ? dice.below(1 << extraOf(code)) : 0, extraOf(code));
    made += 3;
  }
  if (!dice.isOneIn(50)) put(256);
  return made;
}

function extraOf(code: number): number {
  return code < 4 || code >= 30 ? 0 : (code >> 1) - 1;
}

function baseOf(code: number): number {
  return code < 4 ? code + 1 : ((2 + (code & 1)) << extraOf(code)) + 1;
}

/** Writes symbols by the codes that have these lengths. */
function coded(lengths: readonly number[], bits: Bits): (symbol: number) => void {
  const codes = new Map<number, number>();
  let next = 0;
  for (let length = 1; length <= 15; length++) {
    next <<= 1;
    for (const [symbol, own] of lengths.entries()) if (own === length) codes.set(symbol, next++);
  }
  return (symbol) => {
    const [code, length] = [codes.get(symbol) ?? 0, lengths[symbol] ?? 0];
    for (let bit = length - 1; bit >= 0; bit--) bits.put((code >> bit) & 1, 1);
  };
}

/** The first bit of a byte is its lowest. */
class Bits {
  readonly #bytes: number[] = [];
  #count = 0;

  put(value: number, count: number): void {
    for (let bit = 0; bit < count; bit++, this.#count++) {
      if (this.#count % 8 === 0) this.#bytes.push(0);
      const last = this.#bytes.length - 1;
      this.#bytes[last] = (this.#bytes[last] as number) | (((value >> bit) & 1) << (this.#count % 8));
    }
  }

  align(): void {
    this.#count = this.#bytes.length * 8;
  }

  bytes(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

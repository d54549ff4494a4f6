import { type PngRows, wrongFilterType } from './contract.ts';

const PIXEL = 3;

/** {@link PngRows} in plain TypeScript. */
export const plainRows: PngRows = {
  unfilter(block, length, above) {
    const rows = block.length / (1 + length);
    const used = above.length;
    const pixels = new Uint8Array(rows * used);
    let up: Uint8Array = above;
    for (let row = 0; row < rows; row++) {
      const start = row * (1 + length);
      const to = pixels.subarray(row * used, (row + 1) * used);
      undo(block[start], block.subarray(start + 1, start + 1 + used), to, up);
      up = to;
    }
    return pixels;
  },

  filter(pixels, length) {
    const rows = pixels.length / length;
    const filtered = new Uint8Array(rows * (1 + length));
    let up: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < rows; row++) {
      const from = pixels.subarray(row * length, (row + 1) * length);
      const [type, bytes] = chosen(from, up);
      filtered[row * (1 + length)] = type;
      filtered.set(bytes, row * (1 + length) + 1);
      up = from;
    }
    return filtered;
  },
};

function undo(type: number | undefined, from: Uint8Array, to: Uint8Array, up: Uint8Array): void {
  const guess = type === undefined ? undefined : guesses[type];
  if (guess === undefined) throw wrongFilterType(type);
  for (let at = 0; at < from.length; at++) {
    const left = at < PIXEL ? 0 : (to[at - PIXEL] as number);
    const corner = at < PIXEL ? 0 : (up[at - PIXEL] as number);
    to[at] = (from[at] as number) + guess(left, up[at] as number, corner);
  }
}

type Guess = (left: number, above: number, corner: number) => number;

const guesses: readonly Guess[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  (left, above, corner) => {
    const toLeft = Math.abs(above - corner);
    const toAbove = Math.abs(left - corner);
    const toCorner = Math.abs(left + above - 2 * corner);
    if (toLeft <= toAbove && toLeft <= toCorner) return left;
    return toAbove <= toCorner ? above : corner;
  },
];

function chosen(from: Uint8Array, up: Uint8Array): readonly [type: number, bytes: Uint8Array] {
  let best: readonly [number, Uint8Array] = [0, from];
  let least = magnitude(from);
  for (const type of [2, 1, 4]) {
    if (least === 0) break;
    const bytes = apply(guesses[type] as Guess, from, up);
    const sum = magnitude(bytes);
    if (sum >= least) continue;
    least = sum;
    best = [type, bytes];
  }
  return best;
}

function apply(guess: Guess, from: Uint8Array, up: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(from.length);
  for (let at = 0; at < from.length; at++) {
    const left = at < PIXEL ? 0 : (from[at - PIXEL] as number);
    const corner = at < PIXEL ? 0 : (up[at - PIXEL] as number);
    bytes[at] = (from[at] as number) - guess(left, up[at] as number, corner);
  }
  return bytes;
}

function magnitude(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte < 128 ? byte : 256 - byte;
  return sum;
}

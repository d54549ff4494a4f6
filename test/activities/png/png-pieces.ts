import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** IHDR of 8-bit RGB, not interlaced. */
export function headerChunk(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return chunk('IHDR', header);
}

/** PNG's five row filters, straight from the specification (section 9.2). */
const guesses: ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => Math.floor((left + above) / 2),
  (left, above, corner) => {
    const estimate = left + above - corner;
    const distances = [left, above, corner].map((value) => Math.abs(estimate - value));
    const nearest = distances.indexOf(Math.min(...distances));
    return [left, above, corner][nearest] as number;
  },
];

/** Rows of RGB with a filter each, as they are compressed. */
export function filtered(pixels: Uint8Array, width: number, filters: readonly number[]): Buffer {
  const line = width * 3;
  const out = Buffer.alloc(filters.length * (1 + line));
  for (const [row, filter] of filters.entries()) {
    out[row * (1 + line)] = filter;
    for (let at = 0; at < line; at++) {
      const here = row * line + at;
      const left = at < 3 ? 0 : (pixels[here - 3] as number);
      const above = row === 0 ? 0 : (pixels[here - line] as number);
      const corner = at < 3 || row === 0 ? 0 : (pixels[here - line - 3] as number);
      const guess = guesses[filter]?.(left, above, corner) ?? 0;
      out[row * (1 + line) + 1 + at] = (pixels[here] as number) - guess;
    }
  }
  return out;
}

/** A PNG from its filtered rows, the compressed stream cut at `cuts` (shares of its length) into IDAT chunks. */
export function pngOf(
  size: { readonly width: number; readonly height: number },
  rows: Uint8Array,
  cuts: readonly number[] = [],
): Buffer {
  const stream = deflateSync(rows);
  const places = [0, ...cuts.map((share) => Math.floor(share * stream.length)), stream.length].sort(
    (a, b) => a - b,
  );
  const pieces = places.slice(1).map((to, nth) => chunk('IDAT', stream.subarray(places[nth], to)));
  return Buffer.concat([
    SIGNATURE,
    headerChunk(size.width, size.height),
    chunk('tEXt', Buffer.from('Comment\0IDAT IEND')),
    ...pieces,
    chunk('tIME', Buffer.alloc(7)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

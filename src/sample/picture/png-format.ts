import { constants, crc32, type ZlibOptions } from 'node:zlib';
import type { RgbRaster } from './raster.ts';

/**
 * Run lengths and Huffman codes only: fast, and without the search for matches, in which zlib's builds differ, the
 * bytes and so the digests are the same in every one of them.
 */
export const deflateOptions = {
  level: 1,
  strategy: constants.Z_RLE,
} as const satisfies ZlibOptions;

export const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Length, type, data, checksum. */
export function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

/** The header of an 8-bit RGB picture that is not interlaced. */
export function headerChunk(width: number, height: number): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([8, 2, 0, 0, 0], 8);
  return pngChunk('IHDR', data);
}

const SUB = 1;
const UP = 2;

/** Rows as deflate gets them: a filter byte, then differences. Sub and Up take turns, so that readers meet both. */
export function filterRows(raster: RgbRaster, fromRow: number, toRow: number): Buffer {
  const stride = raster.width * 3;
  const { data } = raster;
  const filtered = Buffer.allocUnsafe((toRow - fromRow) * (stride + 1));
  let to = 0;
  for (let row = fromRow; row < toRow; row++) {
    const start = row * stride;
    const filter = row % 2 === 0 ? SUB : UP;
    filtered[to++] = filter;
    if (filter === UP) {
      for (let at = start; at < start + stride; at++) {
        filtered[to++] = (data[at] ?? 0) - (data[at - stride] ?? 0);
      }
    } else {
      for (let at = start; at < start + 3; at++) filtered[to++] = data[at] ?? 0;
      for (let at = start + 3; at < start + stride; at++) {
        filtered[to++] = (data[at] ?? 0) - (data[at - 3] ?? 0);
      }
    }
  }
  return filtered;
}

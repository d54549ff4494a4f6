import { crc32 } from 'node:zlib';
import type { Size } from '../../domain/raster/picture.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * The bytes of a PNG file of 8-bit RGB, not interlaced.
 *
 * @param pixels - The zlib stream of the filtered rows, in the pieces that become IDAT chunks.
 * @param before - Whole chunks to put before the pixels, as {@link pngChunk} makes them.
 */
export function pngFile(
  { width, height }: Size,
  pixels: readonly Uint8Array[],
  before: readonly Uint8Array[] = [],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits, RGB; the only compression and filter method, not interlaced.
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    ...pngChunk('IHDR', header),
    ...before,
    ...pixels.flatMap((piece) => pngChunk('IDAT', piece)),
    ...pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** One chunk in three parts: length and type, data, checksum. */
export function pngChunk(type: string, data: Uint8Array): Uint8Array[] {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length, 0);
  head.write(type, 4, 'latin1');
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0);
  return [head, data, tail];
}

import { crc32 } from 'node:zlib';
import pako from 'pako';
import type { Deflate } from '../../../domain/kernels/deflate/contract.ts';
import type { PngRows } from '../../../domain/kernels/png-rows/contract.ts';
import type { Picture } from '../../../domain/raster/picture.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Pillow writes its compressed pixels in chunks of at least this. */
const PILLOW_BUFFER = 65_536;

/** A PNG of 8-bit RGB, fast: run lengths and Huffman codes only; of about the size that the usual encoders reach. */
export function encodePng(picture: Picture, rows: PngRows, deflate: Deflate): Buffer {
  return png(picture, [deflate(rows.filter(picture.data, picture.width * 3))]);
}

/**
 * The very bytes of Pillow's `Image.save` with classic zlib (1.2.x): its filters, level 6 for filtered data, chunks of
 * its buffer's size. pako 2.1 gives classic zlib's stream; Node.js's own zlib is Chromium's and gives another.
 */
export function encodeLikePillow(picture: Picture, rows: PngRows): Buffer {
  const filtered = rows.filter(picture.data, picture.width * 3);
  const stream = pako.deflate(filtered, { level: 6, windowBits: 15, memLevel: 9, strategy: FILTERED });
  const chunk = Math.max(PILLOW_BUFFER, 4 * picture.width);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += chunk) pieces.push(stream.subarray(at, at + chunk));
  return png(picture, pieces);
}

const FILTERED = 1;

function png({ width, height }: Picture, pixels: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits, RGB; the only compression and filter method, not interlaced.
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    ...chunk('IHDR', header),
    ...pixels.flatMap((piece) => chunk('IDAT', piece)),
    ...chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array[] {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length, 0);
  head.write(type, 4, 'latin1');
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0);
  return [head, data, tail];
}

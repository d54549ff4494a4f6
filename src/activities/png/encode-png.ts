import pako from 'pako';
import type { Deflate } from '../../domain/kernels/deflate/contract.ts';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import type { Picture } from '../../domain/raster/picture.ts';
import { pngFile } from './png-file.ts';

/** Pillow writes its compressed pixels in chunks of at least this. */
const PILLOW_BUFFER = 65_536;

/** A PNG of 8-bit RGB, fast: run lengths and Huffman codes only; of about the size that the usual encoders reach. */
export function encodePng(picture: Picture, rows: PngRows, deflate: Deflate): Buffer {
  return pngFile(picture, [deflate(rows.filter(picture.data, picture.width * 3))]);
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
  return pngFile(picture, pieces);
}

const FILTERED = 1;

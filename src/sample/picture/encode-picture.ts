import { promisify } from 'node:util';
import { constants, deflate, deflateSync, type ZlibOptions } from 'node:zlib';
import { pngChunk, pngFile } from '../../activities/png/png-file.ts';
import { md5Of, runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import type { Picture } from '../../domain/raster/picture.ts';
import { bySpans } from './by-spans.ts';
import { filterRows } from './filter-rows.ts';

/**
 * Run lengths and Huffman codes only: fast, and without the search for matches, in which zlib's builds differ, the
 * bytes and so the digests are the same in every one of them.
 */
const deflateOptions = { level: 1, strategy: constants.Z_RLE } as const satisfies ZlibOptions;

/** Data bytes of an IDAT chunk, but for the last. */
const IDAT_BYTES = 65_536;

/** A picture as a PNG file, with the digest of its raw pixels. */
export interface EncodedPicture {
  readonly png: Buffer;
  readonly pixelMd5: Md5;
}

/**
 * Encodes a picture of any size, in turns with other work of the process and in memory of about three times its pixels.
 *
 * @param options.text - Becomes a compressed text chunk before the pixels. Latin-1.
 * @throws The signal's reason.
 */
export async function encodePicture(
  picture: Picture,
  options: { readonly text?: string; readonly signal?: AbortSignal } = {},
): Promise<EncodedPicture> {
  const pixels = runningMd5();
  const stride = picture.width * 3;
  const filtered = Buffer.allocUnsafe(picture.height * (stride + 1));
  const take = (from: number, to: number) => {
    pixels.update(picture.data.subarray(from * stride, to * stride));
    filterRows(picture, filtered, from, to);
  };
  await bySpans(picture, take, options.signal);
  const stream = await inBackground(filtered, deflateOptions);
  const pieces: Buffer[] = [];
  for (let at = 0; at < stream.length; at += IDAT_BYTES) pieces.push(stream.subarray(at, at + IDAT_BYTES));
  const before = options.text === undefined ? [] : await textChunk(options.text);
  return { png: pngFile(picture, pieces, before), pixelMd5: pixels.digest() };
}

/** Encodes a small picture at once. */
export function encodeSmallPicture(picture: Picture): EncodedPicture {
  const filtered = Buffer.allocUnsafe(picture.height * (picture.width * 3 + 1));
  filterRows(picture, filtered, 0, picture.height);
  return { png: pngFile(picture, [deflateSync(filtered, deflateOptions)]), pixelMd5: md5Of(picture.data) };
}

async function textChunk(text: string): Promise<Uint8Array[]> {
  const compressed = await inBackground(Buffer.from(text, 'latin1'), deflateOptions);
  return pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), compressed]));
}

const inBackground = promisify<Buffer, ZlibOptions, Buffer>(deflate);

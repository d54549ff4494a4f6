import { createReadStream } from 'node:fs';
import type Sharp from 'sharp';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { MAX_PIXELS, type PngHeader } from '../../domain/png/png-header.ts';
import type { Picture, Size } from '../../domain/raster/picture.ts';
import { Slots } from '../../domain/run/slots.ts';
import { type HashBytes, md5InTurns } from '../hash/hash-bytes.ts';
import { makeRows } from '../kernels/make-rows.ts';
import { isPlainRgb, readRows } from './read-rows.ts';
import { readRowsAtOnce } from './read-rows-at-once.ts';
import { UndecodablePngError } from './undecodable-png.ts';

let loading: Promise<typeof Sharp> | undefined;

/** Loaded with the first picture that needs it: FFHQ's own do not, and each thread would pay for it. */
function loadSharp(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // Every picture is seen once; libvips' operation cache would only hold memory. Threads come from our own slots.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

const READ_BYTES = 256 * 1024;

/**
 * Pictures in memory of up to so many pixels are decoded in one call, which takes two thirds of the processor time: it
 * holds the calling thread for some 10 ms a megapixel, and 3 bytes a pixel.
 */
const AT_ONCE_PIXELS = 4_000_000;

export function isDecodedWhole({ width, height }: Size): boolean {
  return width * height <= AT_ONCE_PIXELS;
}

/** Decoded pictures in memory at a time: 64 megapixels are 192 MB of RGB. A larger picture decodes alone. */
const PIXEL_BUDGET = 64_000_000;

/**
 * PNG bytes in, digest of the raw pixels out. The usual kind goes through our own row kernels, in memory that does not
 * depend on the picture's size; sharp decodes every other kind, and this file is the only door to it.
 */
export class PngDecoder {
  readonly #budget: Slots;
  readonly #rows = makeRows();
  readonly #md5: HashBytes;

  constructor(md5: HashBytes = md5InTurns, pixelBudget: number = PIXEL_BUDGET) {
    this.#md5 = md5;
    this.#budget = new Slots(pixelBudget);
  }

  /**
   * MD5 of the raw pixels, row by row, as NumPy's `array(image)` holds them. The header has been compared with the
   * spec before, so the size is known to be bounded.
   */
  async pixelMd5(
    png: Buffer | string,
    header: PngHeader,
    channels: 1 | 3 | 4,
    signal: AbortSignal,
  ): Promise<Md5> {
    if (isPlainRgb(header)) {
      const isWhole = typeof png !== 'string' && isDecodedWhole(header);
      return isWhole ? this.#md5(this.#whole(png, header), signal) : this.#streamed(png, header, signal);
    }
    return this.#budget.use(header.width * header.height, signal, async () => {
      const { data, info } = await decode(png, channels);
      if (info.width !== header.width || info.height !== header.height || info.channels !== channels) {
        throw new UndecodablePngError(
          `decoded [${info.width}x${info.height}x${info.channels}]: expected ${header.width}x${header.height}x${channels}`,
        );
      }
      return this.#md5(data, signal);
    });
  }

  #whole(png: Buffer, header: PngHeader): Uint8Array {
    const line = header.width * 3;
    const pixels = Buffer.allocUnsafeSlow(header.height * line);
    readRowsAtOnce(png, header, this.#rows, header.height, (rows, firstRow) => {
      pixels.set(rows, firstRow * line);
      return true;
    });
    return pixels;
  }

  async #streamed(png: Buffer | string, header: PngHeader, signal: AbortSignal): Promise<Md5> {
    const md5 = runningMd5();
    const pieces = typeof png === 'string' ? createReadStream(png, { highWaterMark: READ_BYTES }) : [png];
    const onRows = (rows: Uint8Array) => {
      md5.update(rows);
      return true;
    };
    await readRows(pieces, header, this.#rows, onRows, signal);
    return md5.digest();
  }
}

/** Width and height of any picture that sharp can read, as stored; undefined for other files. */
export async function sizeOfPhoto(
  path: string,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  try {
    const sharp = await loadSharp();
    const { width, height } = await sharp(path, { limitInputPixels: MAX_PIXELS }).metadata();
    return { width, height };
  } catch {
    return undefined;
  }
}

/**
 * Raw RGB of a picture that is not the usual kind of PNG: interlaced, or another format. Refuses grey, palette, alpha and
 * 16 bit, which are not RGB8 as they are.
 */
export async function decodePhoto(bytes: Buffer): Promise<Picture> {
  const { format, channels, depth, space, hasAlpha, width, height, isPalette } = await metadataOf(bytes);
  if (channels !== 3 || depth !== 'uchar' || space !== 'srgb' || hasAlpha || isPalette) {
    throw new UnsupportedPictureError(
      `expected 8-bit RGB, got ${format} with ${channels} channels of ${depth} in ${space}${isPalette ? ', palette' : ''}`,
    );
  }
  const { data } = await decode(bytes, 3);
  return { width, height, data };
}

/** A picture, but not 8-bit RGB. */
export class UnsupportedPictureError extends Error {
  override readonly name = 'UnsupportedPictureError';
}

async function metadataOf(bytes: Buffer) {
  const sharp = await loadSharp();
  try {
    return await sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata();
  } catch (error) {
    throw new UndecodablePngError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function decode(png: Buffer | string, channels: 1 | 3 | 4) {
  const sharp = await loadSharp();
  // No colour management (`ignoreIcc`), no rotation by EXIF (sharp's default): the bytes as they are in the file.
  let image = sharp(png, {
    ignoreIcc: true,
    failOn: 'error',
    limitInputPixels: MAX_PIXELS,
    sequentialRead: true,
  });
  if (channels === 1 || channels === 3) image = image.removeAlpha();
  if (channels === 1) image = image.toColourspace('b-w');
  try {
    return await image.raw().toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw new UndecodablePngError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

import sharp from 'sharp';
import type { Md5 } from '../domain/ids.ts';
import type { PngHeader } from '../domain/verify.ts';
import { MAX_PIXELS } from '../domain/verify.ts';
import { md5InTurns } from './hash-bytes.ts';
import { Slots } from './slots.ts';

// Every picture is seen once; libvips' operation cache would only hold memory. Threads come from our own slots.
sharp.cache(false);
sharp.concurrency(1);

/** Decoded pictures in memory at a time: 64 megapixels are 192 MB of RGB. A larger picture decodes alone. */
const PIXEL_BUDGET = 64_000_000;

export class UndecodablePngError extends Error {
  override readonly name = 'UndecodablePngError';
}

/** The only door to sharp: PNG bytes in, digest of the raw pixels out. */
export class PngDecoder {
  readonly #budget: Slots;

  constructor(pixelBudget: number = PIXEL_BUDGET) {
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
    return this.#budget.use(header.width * header.height, signal, async () => {
      const { data, info } = await decode(png, channels);
      if (info.width !== header.width || info.height !== header.height || info.channels !== channels) {
        throw new UndecodablePngError(
          `decoded [${info.width}x${info.height}x${info.channels}]: expected ${header.width}x${header.height}x${channels}`,
        );
      }
      return md5InTurns(data, signal);
    });
  }
}

async function decode(png: Buffer | string, channels: 1 | 3 | 4) {
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

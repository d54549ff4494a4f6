/** The only door to sharp, for pictures that our own row kernels do not read, and for encodings that are not ours. */

import type Sharp from 'sharp';
import { photoSize } from '../../domain/png/photo-size.ts';
import { MAX_PIXELS, type PngHeader } from '../../domain/png/png-header.ts';
import type { Picture } from '../../domain/raster/picture.ts';
import { pictureAlone } from './picture-alone.ts';
import { pictureFormat, UnsupportedPictureError } from './picture-format.ts';
import { UndecodablePngError } from './undecodable-png.ts';

let loading: Promise<typeof Sharp> | undefined;

/** Loaded with the first picture that needs it: FFHQ's own do not, and each thread would pay for it. */
function loadSharp(): Promise<typeof Sharp> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    // Every picture is seen once; libvips' operation cache would only hold memory. Threads come from our own slots.
    sharp.cache(false);
    sharp.concurrency(1);
    // What is loaded into a process can be reached by a picture: no SVG with its fonts, no TIFF, no video's still image.
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: ['VipsForeignLoadPng', 'VipsForeignLoadJpeg', 'VipsForeignLoadWebp'] });
    return sharp;
  });
  return loading;
}

/** Loads the library, and says which it is. */
export async function libraryVersions(): Promise<{ readonly sharp: string; readonly libvips: string }> {
  const { versions } = await loadSharp();
  return { sharp: versions.sharp ?? 'unknown', libvips: versions.vips };
}

/**
 * Raw RGB of a picture that is not the usual kind of PNG: interlaced, or another format. Refuses grey, palette, alpha and
 * 16 bit, which are not RGB8 as they are. Throws an {@link UnsupportedPictureError} or an UndecodablePngError.
 */
export async function decodePhoto(file: Buffer): Promise<Picture> {
  pictureFormat(file);
  const bytes = pictureAlone(file);
  const { format, channels, depth, space, hasAlpha, width, height, isPalette } = await metadataOf(bytes);
  if (channels !== 3 || depth !== 'uchar' || space !== 'srgb' || hasAlpha || isPalette) {
    throw new UnsupportedPictureError(
      `expected 8-bit RGB, got ${format} with ${channels} channels of ${depth} in ${space}${isPalette ? ', palette' : ''}`,
      true,
    );
  }
  // Its memory was asked for by what its first bytes tell.
  const told = await photoSize(async (at, length) => bytes.subarray(at, at + length));
  if (told?.width !== width || told.height !== height) {
    throw new UndecodablePngError(
      `expected a picture of ${width}x${height} to tell so first, got ${told ? `${told.width}x${told.height}` : 'nothing'}`,
    );
  }
  const { data } = await decodeRaw(bytes, 3);
  return { width, height, data };
}

async function metadataOf(bytes: Buffer) {
  const sharp = await loadSharp();
  try {
    return await sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata();
  } catch (error) {
    throw new UndecodablePngError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** What libvips takes while it decodes a picture: its raw pixels, and all of an interlaced one a second time. */
export function decodingBytes({ width, height, interlaced }: PngHeader, channels: number): number {
  return width * height * channels * (interlaced ? 2 : 1);
}

/** Raw pixels of a picture of so many channels. Throws an UndecodablePngError. */
export async function decodeRaw(png: Buffer, channels: 1 | 3 | 4) {
  const sharp = await loadSharp();
  // No colour management (`ignoreIcc`), no rotation by EXIF (sharp's default): the bytes as they are in the file.
  let image = sharp(pictureAlone(png), {
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

/** The same picture as a lossless WebP, made quickly rather than small: for stand-ins of those who keep it so. */
export async function losslessWebp(png: Buffer): Promise<Buffer> {
  const sharp = await loadSharp();
  return sharp(png, { ignoreIcc: true, limitInputPixels: MAX_PIXELS })
    .webp({ lossless: true, effort: 0 })
    .toBuffer();
}

/** How small a picture is made for a page. */
export interface SmallPicture {
  /** Pixels of its longer side, at most. */
  readonly longest: number;
  /** Of a JPEG, to 100. */
  readonly quality: number;
  /** Of the picture as it lies there. @default whatever a picture may have */
  readonly mostPixels?: number;
}

/**
 * A picture made small, as a JPEG that has nothing else of the file in it. Throws an UnsupportedPictureError or an
 * UndecodablePngError.
 */
export async function smallJpeg(
  file: Buffer,
  { longest, quality, mostPixels = MAX_PIXELS }: SmallPicture,
): Promise<Buffer> {
  pictureFormat(file);
  const sharp = await loadSharp();
  try {
    return await sharp(pictureAlone(file), { limitInputPixels: mostPixels, sequentialRead: true })
      .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality })
      .toBuffer();
  } catch (error) {
    throw new UndecodablePngError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

import { fstatSync } from 'node:fs';
import { type FileSpec, mostEncodedBytes, type PixelSpec } from '../../domain/dataset/file-spec.ts';
import type { Deflate } from '../../domain/kernels/deflate/contract.ts';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import { parsePngHeader } from '../../domain/png/png-header.ts';
import { readWebpHeader } from '../../domain/png/webp-header.ts';
import {
  type ContentFailure,
  compareMd5,
  comparePixelMd5,
  comparePngHeader,
  compareSize,
} from '../../domain/verify/compare-content.ts';
import { makeDeflate } from '../kernels/make-deflate.ts';
import { makeRows } from '../kernels/make-rows.ts';
import { encodePng } from '../png/encode-png.ts';
import { pictureFormat, UnsupportedPictureError } from '../png/picture-format.ts';
import { UndecodablePngError } from '../png/undecodable-png.ts';
import { readPromised, type VerifyTools } from './verify-file.ts';

/** A picture that came in another encoding, as it is to be stored. */
export type Encoded =
  /** It is the very file after all. */
  | { readonly status: 'published' }
  | { readonly status: 'encoded'; readonly png: Uint8Array }
  | { readonly status: 'wrong'; readonly failure: ContentFailure };

/** It is held decoded, filtered and deflated at once; the originals' largest have fewer. */
const MOST_PIXELS = 64_000_000;

/** For each pixel: decoded, filtered, deflated. */
const BYTES_PER_PIXEL = 9;

/**
 * Runs in a verifying thread. Decodes a lossless WebP or a PNG, of which the first bytes have told size, channels and depth,
 * compares the pixels with the spec's, and encodes them as a PNG, by our own filters and deflate: the same bytes on every
 * machine, whatever they came in.
 */
export async function encodeAnew(
  spec: FileSpec,
  fd: number,
  tools: VerifyTools,
  signal: AbortSignal,
): Promise<Encoded> {
  const wrong = (failure: ContentFailure): Encoded => ({ status: 'wrong', failure });
  const { pixels } = spec;
  if (pixels === undefined) throw new Error(`${spec.path}: expected a picture, got another kind of file`);
  const { size } = fstatSync(fd);
  const most = mostEncodedBytes(pixels);
  if (size > most)
    return wrong({
      reason: 'wrong-size',
      detail: `${spec.path}: expected at most ${most} bytes, got ${size}`,
    });
  const bytes = readPromised(fd, Buffer.allocUnsafe(size + 1)).subarray(0, size);
  if (compareSize(spec, size) === undefined && compareMd5(spec, await tools.md5(bytes, signal)) === undefined)
    return { status: 'published' };
  const refused = compareHeader({ ...spec, pixels }, bytes);
  if (refused !== undefined) return wrong(refused);
  try {
    return await tools.decoder.withPixels(bytes, pixels, BYTES_PER_PIXEL, signal, async (picture) => {
      const failure = comparePixelMd5({ ...spec, pixels }, await tools.md5(picture.data, signal));
      if (failure !== undefined) return wrong(failure);
      kernels ??= { rows: makeRows(), deflate: makeDeflate() };
      return { status: 'encoded', png: encodePng(picture, kernels.rows, kernels.deflate) };
    });
  } catch (error) {
    if (!(error instanceof UndecodablePngError)) throw error;
    return wrong({ reason: 'undecodable-png', detail: `${spec.path}: ${error.message}`.slice(0, 300) });
  }
}

/** Of the thread; loaded by the first picture that needs them. */
let kernels: { readonly rows: PngRows; readonly deflate: Deflate } | undefined;

/** Before a byte is decoded. */
function compareHeader(
  spec: FileSpec & { readonly pixels: PixelSpec },
  bytes: Uint8Array,
): ContentFailure | undefined {
  const { path, pixels } = spec;
  const { width, height } = pixels;
  if (width * height > MOST_PIXELS) {
    const detail = `${path}: expected at most ${MOST_PIXELS} pixels of a file that is encoded anew, got ${width}x${height}`;
    return { reason: 'too-many-pixels', detail };
  }
  let format: string;
  try {
    format = pictureFormat(bytes);
  } catch (error) {
    if (!(error instanceof UnsupportedPictureError)) throw error;
    return {
      reason: 'not-a-png',
      detail: `${path}: expected PNG or lossless WebP, got another kind of file`,
    };
  }
  if (format === 'JPEG')
    return { reason: 'lossy-picture', detail: `${path}: expected PNG or lossless WebP, got a JPEG` };
  if (format === 'PNG') {
    const header = parsePngHeader(bytes);
    const failure = comparePngHeader(spec, header);
    if (failure !== undefined || header?.colourType === 2) return failure;
    return {
      reason: 'unsupported-png',
      detail: `${path}: expected 8-bit RGB, got colour type ${header?.colourType}`,
    };
  }
  const header = readWebpHeader(bytes);
  if ('problem' in header)
    return {
      reason: header.isLossy ? 'lossy-picture' : 'undecodable-png',
      detail: `${path}: ${header.problem}`,
    };
  if (header.width === width && header.height === height) return undefined;
  const got = `${header.width}x${header.height}`;
  return { reason: 'wrong-pixel-size', detail: `${path}: expected ${width}x${height} pixels, got ${got}` };
}

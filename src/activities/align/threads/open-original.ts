import type { ReadOriginal } from '../../../domain/align/align-face.ts';
import type { AlignFailureReason } from '../../../domain/failure/align-failure.ts';
import { MAX_PIXELS, type PngHeader, parsePngHeader } from '../../../domain/png/png-header.ts';
import { type Box, cutPicture, type Picture, type Size } from '../../../domain/raster/picture.ts';
import type { RowKernels } from '../../kernels/make-rows.ts';
import { decodePhoto } from '../../png/decode-photo.ts';
import { UnsupportedPictureError } from '../../png/picture-format.ts';
import { isPlainRgb, readRows } from '../../png/read-rows.ts';
import { fitsAtOnce, readRowsAtOnce } from '../../png/read-rows-at-once.ts';
import { UndecodablePngError } from '../../png/undecodable-png.ts';

/** Why an original cannot be aligned. */
export class OriginalError extends Error {
  override readonly name = 'OriginalError';
  readonly reason: AlignFailureReason;

  constructor(reason: AlignFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface Original {
  readonly size: Size;
  readonly read: ReadOriginal;
}

/**
 * An original in memory, of which boxes are decoded. The usual PNG is inflated no further than the box reaches, and unfiltered no
 * further to the right; other
 * kinds (interlaced, the user's JPEG) are decoded whole. EXIF orientation is not applied.
 */
export async function openOriginal(bytes: Buffer, rows: RowKernels): Promise<Original> {
  const header = parsePngHeader(bytes);
  if (header && header.width * header.height > MAX_PIXELS) {
    throw new OriginalError('unsupported-original', `expected at most ${MAX_PIXELS} pixels, got more`);
  }
  try {
    if (header && isPlainRgb(header)) {
      return { size: header, read: (box) => undecodable(readBox(bytes, header, box, rows)) };
    }
    // sharp's own threads may go on after a cancel, when shared memory holds another file already.
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    const picture = await decodePhoto(isShared ? Buffer.from(bytes) : bytes);
    return { size: picture, read: (box) => Promise.resolve(cutPicture(picture, box)) };
  } catch (error) {
    throw asOriginalError(error);
  }
}

async function readBox(bytes: Buffer, header: PngHeader, box: Box, rows: RowKernels): Promise<Picture> {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const data = new Uint8Array(width * height * 3);
  const line = box.right * 3;
  const onRows = (pixels: Uint8Array, firstRow: number) => {
    const count = pixels.length / line;
    const from = Math.max(firstRow, box.top);
    const to = Math.min(firstRow + count, box.bottom);
    for (let row = from; row < to; row++) {
      const start = (row - firstRow) * line + box.left * 3;
      data.set(pixels.subarray(start, start + width * 3), (row - box.top) * width * 3);
    }
    // All of a picture is checked to its end; of a part, what lies below it is nobody's concern.
    return firstRow + count < box.bottom || box.bottom === header.height;
  };
  if (fitsAtOnce(header, rows)) readRowsAtOnce(bytes, header, rows, onRows, box);
  else await readRows([bytes], header, rows, onRows, undefined, box);
  return { width, height, data };
}

async function undecodable<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw asOriginalError(error);
  }
}

function asOriginalError(error: unknown): unknown {
  if (error instanceof UndecodablePngError) return new OriginalError('undecodable-original', error.message);
  if (error instanceof UnsupportedPictureError)
    return new OriginalError(
      error.isPicture ? 'unsupported-original' : 'undecodable-original',
      error.message,
    );
  return error;
}

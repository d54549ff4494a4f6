import type { ReadOriginal } from '../../../domain/align/align-face.ts';
import type { AlignFailureReason } from '../../../domain/failure/align-failure.ts';
import type { OnRows } from '../../../domain/kernels/inflate/contract.ts';
import { MAX_PIXELS, type PngHeader, parsePngHeader } from '../../../domain/png/png-header.ts';
import { type Box, cutPicture, type Size } from '../../../domain/raster/picture.ts';
import { copyTo, type OnPictureRows, type PictureRows, rowsOf } from '../../../domain/raster/picture-rows.ts';
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
 * An original in memory, of which boxes are decoded. The usual PNG is inflated no further than the box reaches, and
 * unfiltered no further to the right; other kinds (interlaced, the user's JPEG) are decoded whole. EXIF orientation is not
 * applied.
 *
 * @param isVouchedFor is the file's MD5, or that of the result, compared with the published one?
 */
export async function openOriginal(bytes: Buffer, rows: RowKernels, isVouchedFor = false): Promise<Original> {
  const header = parsePngHeader(bytes);
  if (header && header.width * header.height > MAX_PIXELS) {
    throw new OriginalError('unsupported-original', `expected at most ${MAX_PIXELS} pixels, got more`);
  }
  try {
    if (header && isPlainRgb(header)) {
      return { size: header, read: (box) => readBox(bytes, header, box, rows, isVouchedFor) };
    }
    // sharp's own threads may go on after a cancel, when shared memory holds another file already.
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    const picture = await decodePhoto(isShared ? Buffer.from(bytes) : bytes);
    return { size: picture, read: (box) => Promise.resolve(rowsOf(cutPicture(picture, box))) };
  } catch (error) {
    throw asOriginalError(error);
  }
}

async function readBox(
  bytes: Buffer,
  header: PngHeader,
  box: Box,
  kernels: RowKernels,
  isVouchedFor: boolean,
): Promise<PictureRows> {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  if (fitsAtOnce(header, kernels))
    return {
      width,
      height,
      read: (onRows) => {
        try {
          readRowsAtOnce(bytes, header, kernels, inBox(header, box, onRows), box, isVouchedFor);
        } catch (error) {
          throw asOriginalError(error);
        }
      },
    };
  try {
    const data = new Uint8Array(width * height * 3);
    await readRows([bytes], header, kernels, inBox(header, box, copyTo(data, width)), undefined, box);
    return rowsOf({ width, height, data });
  } catch (error) {
    throw asOriginalError(error);
  }
}

/** Of rows that reach from the left border to the box's right one, what lies in the box. */
function inBox(header: PngHeader, { left, top, right, bottom }: Box, onRows: OnPictureRows): OnRows {
  const line = right * 3;
  return (pixels, firstRow) => {
    const end = firstRow + pixels.length / line;
    const [from, to] = [Math.max(firstRow, top), Math.min(end, bottom)];
    if (from < to) onRows(pixels.subarray((from - firstRow) * line + left * 3), line, from - top, to - from);
    // All of a picture is checked to its end; of a part, what lies below it is nobody's concern.
    return end < bottom || bottom === header.height;
  };
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

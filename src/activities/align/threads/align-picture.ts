import { alignFace } from '../../../domain/align/align-face.ts';
import { CropError } from '../../../domain/align/crop-steps.ts';
import { md5Of } from '../../../domain/dataset/digest.ts';
import type { Md5 } from '../../../domain/dataset/ids.ts';
import { parsePngHeader } from '../../../domain/png/png-header.ts';
import type { Picture } from '../../../domain/raster/picture.ts';
import type { AlignTools } from '../../kernels/make-align-tools.ts';
import { encodeLikePillow, encodePng } from '../../png/encode-png.ts';
import { isPlainRgb } from '../../png/read-rows.ts';
import { readRowsAtOnce } from '../../png/read-rows-at-once.ts';
import type { PictureAnswer, PictureTask } from './align-task.ts';
import { outOfMemory } from './error-answer.ts';
import { OriginalError, openOriginal } from './open-original.ts';

/** Aligns one picture: an original's file in, a PNG out that was decoded again. Throws nothing. */
export async function alignPicture(task: PictureTask, tools: AlignTools): Promise<PictureAnswer> {
  const { buffer, byteOffset, length } = task.bytes;
  const bytes = Buffer.from(buffer, byteOffset, length);
  const refuseWrong = () => refuseWrongOriginal(bytes, task.original.md5);
  const isProvedByResult = task.published !== undefined && isUsual(bytes);
  try {
    if (!isProvedByResult) refuseWrong();
    return await aligned(task, bytes, tools, isProvedByResult ? refuseWrong : () => {});
  } catch (error) {
    return answerFor(isProvedByResult ? causeOf(error, refuseWrong) : error);
  }
}

/** @param onDifferent what to do before a picture is made of pixels that are not the published ones */
async function aligned(
  task: PictureTask,
  bytes: Buffer,
  tools: AlignTools,
  onDifferent: () => void,
): Promise<PictureAnswer> {
  // Its MD5 was compared, or the result's will be, and its own then where that differs.
  const original = await openOriginal(bytes, tools.rows, task.original.md5 !== undefined);
  const { crop, enablePadding } = task;
  const picture = await alignFace(original.size, original.read, crop, enablePadding, tools.kernels);
  const pixelMd5 = md5Of(picture.data);
  if (pixelMd5 !== task.published) onDifferent();
  const { rows, deflate } = tools;
  const png = task.fileIdentical ? encodeLikePillow(picture, rows) : encodePng(picture, rows, deflate);
  refuseWrongPng(png, picture, tools);
  return { status: 'aligned', png, md5: md5Of(png), pixelMd5 };
}

/** Bytes that nobody has vouched for are decoded by our own bounded reader alone, never by libvips. */
function isUsual(bytes: Buffer): boolean {
  const header = parsePngHeader(bytes);
  return header !== undefined && isPlainRgb(header);
}

/** Of an original that was not hashed yet: whatever went wrong went wrong because it is another file, if it is one. */
function causeOf(error: unknown, refuseWrong: () => void): unknown {
  try {
    refuseWrong();
    return error;
  } catch (cause) {
    return cause;
  }
}

function refuseWrongOriginal(bytes: Buffer, expected: Md5 | undefined): void {
  if (expected === undefined) return;
  const md5 = md5Of(bytes);
  if (md5 !== expected)
    throw new OriginalError('wrong-original', `expected file MD5 ${expected}, got ${md5}`);
}

/** What was written down is decoded again: a picture counts by what a reader of its file will see. */
function refuseWrongPng(png: Buffer, { width, height, data }: Picture, { rows }: AlignTools): void {
  const header = parsePngHeader(png);
  if (header?.width !== width || header.height !== height || !isPlainRgb(header)) {
    throw new Error(`encoder: expected the header of ${width}x${height} pixels in the file, got another`);
  }
  readRowsAtOnce(png, header, rows, (seen, firstRow) => {
    const start = firstRow * width * 3;
    if (Buffer.compare(seen, data.subarray(start, start + seen.length)) === 0) return true;
    throw new Error(`encoder [row=${firstRow}]: expected the picture's pixels in the file, got others`);
  });
}

function answerFor(error: unknown): PictureAnswer {
  const memory = outOfMemory(error);
  if (memory !== undefined) return { status: 'failed', failure: memory };
  const message = error instanceof Error ? error.message : String(error);
  const isExpected = error instanceof OriginalError || error instanceof CropError;
  const reason = isExpected ? error.reason : 'thread-died';
  return { status: 'failed', failure: { reason, detail: message.slice(0, 300) } };
}

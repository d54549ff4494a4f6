import { open, readFile, rm } from 'node:fs/promises';
import { alignFace } from '../../domain/align/align-face.ts';
import { CropError } from '../../domain/align/crop-steps.ts';
import type { Picture } from '../../domain/align/picture.ts';
import type { AlignFailure, AlignFailureReason } from '../../domain/align-failure.ts';
import { md5Of } from '../../domain/digest.ts';
import { errorCode } from '../../domain/store-failure.ts';
import { parsePngHeader } from '../../domain/verify.ts';
import { isPlainRgb } from '../png/read-rows.ts';
import { readRowsAtOnce } from '../png/read-rows-at-once.ts';
import type { AlignAnswer, AlignTask } from './align-task.ts';
import { encodeLikePillow, encodePng } from './encode-png.ts';
import type { AlignTools } from './make-kernels.ts';
import { OriginalError, openOriginal } from './open-original.ts';

/** The whole file is read at once; no photograph is larger. */
const MOST_BYTES = 1024 ** 3;

/** Aligns one picture, in a thread: original in, verified PNG out, synced. Throws nothing. */
export async function alignPicture(task: AlignTask, tools: AlignTools): Promise<AlignAnswer> {
  try {
    const bytes = await readOriginal(task);
    if ('reason' in bytes) return { status: 'failed', failure: bytes };
    const original = await openOriginal(bytes, tools.rows);
    const picture = await alignFace(
      original.size,
      original.read,
      task.crop,
      task.enablePadding,
      tools.kernels,
    );
    const pixelMd5 = md5Of(picture.data);
    const png = encode(picture, task, tools);
    refuseWrongPng(png, picture, tools);
    await writeSynced(task.output, png);
    return { status: 'aligned', size: png.length, md5: md5Of(png), pixelMd5 };
  } catch (error) {
    return answerFor(error);
  }
}

async function readOriginal({ original }: AlignTask): Promise<Buffer | AlignFailure> {
  let bytes: Buffer;
  try {
    const handle = await open(original.path, 'r');
    try {
      const info = await handle.stat();
      if (!info.isFile()) return failure('missing-original', 'expected a regular file, got something else');
      if (info.size > MOST_BYTES) {
        return failure('unsupported-original', `expected at most ${MOST_BYTES} bytes, got ${info.size}`);
      }
      if (original.size !== undefined && info.size !== original.size) {
        return failure('wrong-original', `expected ${original.size} bytes, got ${info.size}`);
      }
      bytes = await readFile(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return failure('missing-original', 'expected a file, got nothing');
  }
  const md5 = original.md5 === undefined ? undefined : md5Of(bytes);
  if (md5 === original.md5) return bytes;
  return failure('wrong-original', `expected file MD5 ${original.md5}, got ${md5}`);
}

function encode(picture: Picture, { fileIdentical }: AlignTask, { rows, deflate }: AlignTools): Buffer {
  return fileIdentical ? encodeLikePillow(picture, rows) : encodePng(picture, rows, deflate);
}

/** What was written down is decoded again: a picture counts by what a reader of its file will see. */
function refuseWrongPng(png: Buffer, { width, height, data }: Picture, { rows }: AlignTools): void {
  const header = parsePngHeader(png);
  if (header?.width !== width || header.height !== height || !isPlainRgb(header)) {
    throw new Error(`encoder: expected the header of ${width}x${height} pixels in the file, got another`);
  }
  readRowsAtOnce(png, header, rows, height, (seen, firstRow) => {
    const start = firstRow * width * 3;
    if (Buffer.compare(seen, data.subarray(start, start + seen.length)) === 0) return true;
    throw new Error(`encoder [row=${firstRow}]: expected the picture's pixels in the file, got others`);
  });
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  try {
    const handle = await open(path, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function answerFor(error: unknown): AlignAnswer {
  if (error instanceof OriginalError) {
    return { status: 'failed', failure: failure(error.reason, error.message) };
  }
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  // Node.js's own errors have codes too; those of the system have a call.
  if (code !== undefined && error instanceof Object && 'syscall' in error) {
    return { status: 'refused', code, message };
  }
  if (error instanceof CropError) return { status: 'failed', failure: failure(error.reason, message) };
  const isMemory = error instanceof RangeError && /memory|allocat|array length/i.test(message);
  return { status: 'failed', failure: failure(isMemory ? 'out-of-memory' : 'thread-died', message) };
}

function failure(reason: AlignFailureReason, detail: string): AlignFailure {
  return { reason, detail: detail.slice(0, 300) };
}

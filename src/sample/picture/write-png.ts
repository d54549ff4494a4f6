import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { createDeflate, deflate, deflateSync } from 'node:zlib';
import { md5Of } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { type WrittenFile, writeAtomically } from '../write-atomically.ts';
import { deflateOptions, filterRows, headerChunk, PNG_SIGNATURE, pngChunk } from './png-format.ts';
import { type RgbRaster, rowsPerSpan } from './raster.ts';

/** Data bytes of an IDAT chunk, but for the last. */
const IDAT_BYTES = 65_536;

export interface WrittenPng extends WrittenFile {
  readonly pixelMd5: Md5;
}

/**
 * Writes a picture of any size; other work of the process runs in between. `text` becomes a compressed text chunk
 * before the pixels.
 */
export async function writePng(
  path: string,
  raster: RgbRaster,
  options: { readonly text?: string; readonly signal?: AbortSignal } = {},
): Promise<WrittenPng> {
  const pixels = createHash('md5');
  const written = await writeAtomically(path, pngPieces(raster, pixels, options.text), options.signal);
  return { ...written, pixelMd5: pixels.digest('hex') as Md5 };
}

async function* pngPieces(
  raster: RgbRaster,
  pixels: ReturnType<typeof createHash>,
  text: string | undefined,
): AsyncGenerator<Buffer> {
  yield Buffer.concat([PNG_SIGNATURE, headerChunk(raster.width, raster.height)]);
  if (text !== undefined) {
    const compressed = await promisify(deflate)(Buffer.from(text, 'latin1'), deflateOptions);
    yield pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), compressed]));
  }
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const piece of deflated(raster, pixels)) {
    waiting.push(piece);
    length += piece.length;
    if (length < IDAT_BYTES) continue;
    const all = Buffer.concat(waiting);
    let at = 0;
    for (; at + IDAT_BYTES <= all.length; at += IDAT_BYTES) {
      yield pngChunk('IDAT', all.subarray(at, at + IDAT_BYTES));
    }
    waiting = [all.subarray(at)];
    length = all.length - at;
  }
  if (length > 0) yield pngChunk('IDAT', Buffer.concat(waiting));
  yield pngChunk('IEND', new Uint8Array(0));
}

async function* deflated(raster: RgbRaster, pixels: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  const stream = createDeflate({ ...deflateOptions, chunkSize: IDAT_BYTES });
  const feeding = feed();
  // Its failure is seen through the stream; without this the process would be told of it first.
  feeding.catch(() => undefined);
  try {
    yield* stream as AsyncIterable<Buffer>;
    await feeding;
  } finally {
    stream.destroy();
  }

  async function feed(): Promise<void> {
    const rows = rowsPerSpan(raster.width);
    const stride = raster.width * 3;
    for (let from = 0; from < raster.height && !stream.destroyed; from += rows) {
      const to = Math.min(raster.height, from + rows);
      pixels.update(raster.data.subarray(from * stride, to * stride));
      await new Promise<void>((resolve, reject) => {
        stream.write(filterRows(raster, from, to), (error) => (error ? reject(error) : resolve()));
      });
    }
    stream.end();
  }
}

/** A small picture as a whole, made at once. */
export function encodeSmallPng(raster: RgbRaster): {
  readonly bytes: Buffer;
  readonly md5: Md5;
  readonly pixelMd5: Md5;
} {
  const filtered = filterRows(raster, 0, raster.height);
  const bytes = Buffer.concat([
    PNG_SIGNATURE,
    headerChunk(raster.width, raster.height),
    pngChunk('IDAT', deflateSync(filtered, deflateOptions)),
    pngChunk('IEND', new Uint8Array(0)),
  ]);
  return { bytes, md5: md5Of(bytes), pixelMd5: md5Of(raster.data) };
}

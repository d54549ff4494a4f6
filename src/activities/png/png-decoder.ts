import { fstatSync, readSync } from 'node:fs';
import { runningMd5 } from '../../domain/dataset/digest.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import type { PngHeader } from '../../domain/png/png-header.ts';
import type { Picture, Size } from '../../domain/raster/picture.ts';
import { readBytesSync } from '../folders/read-at.ts';
import { type HashBytes, md5InTurns } from '../hash/hash-bytes.ts';
import { ReusedBuffers } from '../hash/reused-buffers.ts';
import { makeRows } from '../kernels/make-rows.ts';
import { decodeRaw, decodingBytes } from './decode-photo.ts';
import { freeMemory } from './free-memory.ts';
import { type MemoryBudget, makeMemoryBudget } from './memory-budget.ts';
import { isPlainRgb, readRows } from './read-rows.ts';
import { readRowsAtOnce } from './read-rows-at-once.ts';
import { allWanted } from './row-assembly.ts';
import { UndecodablePngError } from './undecodable-png.ts';

const READ_BYTES = 256 * 1024;

/**
 * Pictures in memory of up to so many pixels are decoded in one call, which takes two thirds of the processor time: it
 * holds the calling thread for some 10 ms a megapixel, and 3 bytes a pixel.
 */
const AT_ONCE_PIXELS = 4_000_000;

/** Of an unusual kind, which is decoded from memory: no photograph's file is larger. */
const MOST_FILE_BYTES = 1024 ** 3;

/** Whoever took more gives it back at once. */
const LARGE_BYTES = 32 * 1024 ** 2;

export function isDecodedWhole({ width, height }: Size): boolean {
  return width * height <= AT_ONCE_PIXELS;
}

/** A picture's bytes, or a file that is open: its name may lead elsewhere by now. */
export type PictureFile = Buffer | { readonly fd: number };

/**
 * PNG bytes in, digest of the raw pixels out. The usual kind goes through our own row kernels, in memory that does not
 * depend on the picture's size; sharp decodes every other kind.
 */
export class PngDecoder {
  readonly #budget: MemoryBudget;
  readonly #rows = makeRows();
  readonly #md5: HashBytes;
  readonly #buffers = new ReusedBuffers();

  /** @param budget of the whole process */
  constructor(md5: HashBytes = md5InTurns, budget: MemoryBudget = makeMemoryBudget()) {
    this.#md5 = md5;
    this.#budget = budget;
  }

  /**
   * MD5 of the raw pixels, row by row, as NumPy's `array(image)` holds them; `isVouchedFor`: the file's own MD5 is right. The header has been compared with the
   * spec before, so the size is known to be bounded.
   */
  async pixelMd5(
    png: PictureFile,
    header: PngHeader,
    channels: 1 | 3 | 4,
    signal: AbortSignal,
    isVouchedFor = false,
  ): Promise<Md5> {
    if (isPlainRgb(header)) {
      const isWhole = isBytes(png) && isDecodedWhole(header);
      return isWhole ? this.#whole(png, header, signal, isVouchedFor) : this.#streamed(png, header, signal);
    }
    const bytes = decodingBytes(header, channels) + (isBytes(png) ? 0 : fileBytes(png.fd));
    return this.#budget.use(bytes, signal, async () => {
      try {
        return await this.#byLibvips(inMemory(png), header, channels, signal);
      } finally {
        if (bytes > LARGE_BYTES) freeMemory();
      }
    });
  }

  /**
   * Decodes an 8-bit RGB picture, PNG or WebP, whose size its own header was compared with; `bytesPerPixel` are held, with
   * those of the decoded ones, until `work` has done with it. Throws an UndecodablePngError.
   */
  withPixels<Result>(
    file: Buffer,
    { width, height }: Size,
    bytesPerPixel: number,
    signal: AbortSignal,
    work: (picture: Picture) => Promise<Result>,
  ): Promise<Result> {
    const bytes = width * height * bytesPerPixel;
    return this.#budget.use(bytes, signal, async () => {
      try {
        const { data, info } = await decodeRaw(file, 3);
        if (info.width !== width || info.height !== height || info.channels !== 3)
          throw new UndecodablePngError(
            `decoded [${info.width}x${info.height}x${info.channels}]: expected ${width}x${height}x3`,
          );
        return await work({ width, height, data });
      } finally {
        if (bytes > LARGE_BYTES) freeMemory();
      }
    });
  }

  async #byLibvips(png: Buffer, header: PngHeader, channels: 1 | 3 | 4, signal: AbortSignal): Promise<Md5> {
    const { data, info } = await decodeRaw(png, channels);
    if (info.width !== header.width || info.height !== header.height || info.channels !== channels) {
      throw new UndecodablePngError(
        `decoded [${info.width}x${info.height}x${info.channels}]: expected ${header.width}x${header.height}x${channels}`,
      );
    }
    return this.#md5(data, signal);
  }

  #whole(png: Buffer, header: PngHeader, signal: AbortSignal, isVouchedFor: boolean): Promise<Md5> {
    const line = header.width * 3;
    return this.#buffers.use(header.height * line, (pixels) => {
      const onRows = (rows: Uint8Array, firstRow: number) => {
        pixels.set(rows, firstRow * line);
        return true;
      };
      readRowsAtOnce(png, header, this.#rows, onRows, allWanted(header), isVouchedFor);
      return this.#md5(pixels, signal);
    });
  }

  async #streamed(png: PictureFile, header: PngHeader, signal: AbortSignal): Promise<Md5> {
    const md5 = runningMd5();
    const pieces = isBytes(png) ? [png] : piecesOf(png.fd);
    const onRows = (rows: Uint8Array) => {
      md5.update(rows);
      return true;
    };
    await readRows(pieces, header, this.#rows, onRows, signal);
    return md5.digest();
  }
}

function isBytes(png: PictureFile): png is Buffer {
  return !('fd' in png);
}

/** Node.js's own stream would close the file, which is its opener's. */
function* piecesOf(fd: number): Generator<Buffer> {
  for (let at = 0; ; ) {
    const piece = Buffer.allocUnsafe(READ_BYTES);
    const bytesRead = readSync(fd, piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}

function fileBytes(fd: number): number {
  const { size } = fstatSync(fd);
  if (size > MOST_FILE_BYTES)
    throw new UndecodablePngError(`expected at most ${MOST_FILE_BYTES} bytes, got ${size}`);
  return size;
}

function inMemory(png: PictureFile): Buffer {
  return isBytes(png) ? png : readBytesSync(png.fd, fileBytes(png.fd));
}

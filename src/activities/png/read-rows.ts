import { createInflate, inflateSync } from 'node:zlib';
import { FilterTypeError, type PngRows } from '../../domain/png/png-rows.ts';
import type { PngHeader } from '../../domain/verify.ts';
import { idatOf, type Pieces } from './idat.ts';
import { UndecodablePngError } from './undecodable-png.ts';

const CHANNELS = 3;
/** Inflated bytes at a time: unfiltering and hashing them holds the event loop for a millisecond or two. */
const BLOCK_BYTES = 256 * 1024;
/** Pictures up to here are inflated at once: a way through the thread pool costs more. */
const AT_ONCE_BYTES = 128 * 1024;
/** Wider rows are no photograph; the general decoder may look at them. */
const MAX_ROW_BYTES = 4 * 1024 ** 2;
/** Compressed bytes handed to the inflating thread at a time. */
const FEED_BYTES = 128 * 1024;

/** Is this the kind of PNG that {@link readRows} reads: 8-bit RGB, not interlaced, rows of bounded width? */
export function isPlainRgb({ bitDepth, colourType, interlaced, width }: PngHeader): boolean {
  return bitDepth === 8 && colourType === 2 && !interlaced && width * CHANNELS <= MAX_ROW_BYTES;
}

/** Hears rows from top to bottom, each once; the bytes are the kernel's until it returns. False: no more is wanted. */
export type OnRows = (rows: Uint8Array, firstRow: number) => boolean;

/**
 * Decodes a picture row by row, in memory that does not depend on its height. Unless it is ended early it must have
 * exactly the rows that its header promises, and right check sums. Throws an UndecodablePngError.
 */
export async function readRows(
  pieces: Pieces,
  header: PngHeader,
  kernel: PngRows,
  onRows: OnRows,
  signal?: AbortSignal,
): Promise<void> {
  const rows = new RowAssembly(header, kernel, onRows);
  try {
    if (header.height * rows.stride <= AT_ONCE_BYTES) {
      const compressed: Uint8Array[] = [];
      for await (const piece of idatOf(pieces)) compressed.push(piece);
      const inflated = inflateSync(joined(compressed), { maxOutputLength: AT_ONCE_BYTES + 1 });
      if (rows.take(inflated)) rows.finish();
      return;
    }
    await inflateInPieces(idatOf(pieces), rows, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof FilterTypeError || isZlibError(error)) {
      throw new UndecodablePngError(error.message, { cause: error });
    }
    throw error;
  }
}

async function inflateInPieces(
  compressed: AsyncIterable<Uint8Array>,
  rows: RowAssembly,
  signal: AbortSignal | undefined,
): Promise<void> {
  const inflate = createInflate({ chunkSize: BLOCK_BYTES });
  const feeding = feed(compressed, inflate);
  // Told below, where it is awaited, or by the stream that it destroys.
  feeding.catch((error: unknown) =>
    inflate.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    for await (const block of inflate) {
      signal?.throwIfAborted();
      if (!rows.take(block as Buffer)) return;
    }
    await feeding;
    rows.finish();
  } finally {
    inflate.destroy();
  }
}

async function feed(
  compressed: AsyncIterable<Uint8Array>,
  inflate: ReturnType<typeof createInflate>,
): Promise<void> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const piece = joined(waiting);
    waiting = [];
    bytes = 0;
    if (inflate.destroyed || inflate.write(piece)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        inflate.off('drain', go).off('close', go);
        resolve();
      };
      inflate.on('drain', go).on('close', go);
    });
  };
  for await (const piece of compressed) {
    waiting.push(piece);
    bytes += piece.length;
    if (bytes >= FEED_BYTES) await flush();
    if (inflate.destroyed) return;
  }
  await flush();
  inflate.end();
}

/** Cuts what is inflated into whole rows. */
class RowAssembly {
  readonly stride: number;
  readonly #height: number;
  readonly #kernel: PngRows;
  readonly #onRows: OnRows;
  #above: Uint8Array;
  #rest: Uint8Array = new Uint8Array(0);
  #row = 0;

  constructor({ width, height }: PngHeader, kernel: PngRows, onRows: OnRows) {
    this.stride = 1 + width * CHANNELS;
    this.#height = height;
    this.#kernel = kernel;
    this.#onRows = onRows;
    this.#above = new Uint8Array(width * CHANNELS);
  }

  /** False: no more is wanted. */
  take(inflated: Uint8Array): boolean {
    const bytes = this.#rest.length === 0 ? inflated : joined([this.#rest, inflated]);
    const rows = Math.floor(bytes.length / this.stride);
    const whole = rows * this.stride;
    if (this.#row + rows > this.#height || (this.#row + rows === this.#height && bytes.length > whole)) {
      throw new UndecodablePngError(`expected ${this.#height} rows of pixels, got more`);
    }
    // The block may be overwritten by the next one.
    this.#rest = bytes.length === whole ? new Uint8Array(0) : bytes.slice(whole);
    if (rows === 0) return true;
    const length = this.stride - 1;
    const pixels = this.#kernel.unfilter(bytes.subarray(0, whole), length, this.#above);
    this.#above = pixels.slice(-length);
    const first = this.#row;
    this.#row += rows;
    return this.#onRows(pixels, first);
  }

  finish(): void {
    if (this.#row === this.#height && this.#rest.length === 0) return;
    throw new UndecodablePngError(`expected ${this.#height} rows of pixels, got ${this.#row}`);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

function isZlibError(error: unknown): error is Error {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === 'string' && (/^Z_/.test(code) || code === 'ERR_BUFFER_TOO_LARGE');
}

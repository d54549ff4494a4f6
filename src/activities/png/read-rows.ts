import { createInflate } from 'node:zlib';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import type { PngHeader } from '../../domain/png/png-header.ts';
import { idatOf, joined, type Pieces } from './idat.ts';
import { type OnRows, RowAssembly } from './row-assembly.ts';
import { asUndecodable } from './undecodable-png.ts';

const CHANNELS = 3;
/** Inflated bytes at a time: unfiltering and hashing them holds the event loop for a millisecond or two. */
const BLOCK_BYTES = 256 * 1024;
/** Wider rows are no photograph; the general decoder may look at them. */
const MAX_ROW_BYTES = 4 * 1024 ** 2;
/** Compressed bytes handed to the inflating thread at a time. */
const FEED_BYTES = 128 * 1024;

/** Is this the kind of PNG that {@link readRows} reads: 8-bit RGB, not interlaced, rows of bounded width? */
export function isPlainRgb({ bitDepth, colourType, interlaced, width }: PngHeader): boolean {
  return bitDepth === 8 && colourType === 2 && !interlaced && width * CHANNELS <= MAX_ROW_BYTES;
}

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
    await inflateInPieces(idatOf(pieces), rows, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw asUndecodable(error);
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

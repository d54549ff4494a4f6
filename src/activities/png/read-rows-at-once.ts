import { constants, inflateSync } from 'node:zlib';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import type { PngHeader } from '../../domain/png/png-header.ts';
import { idatIn, joined } from './idat.ts';
import { type OnRows, RowAssembly } from './row-assembly.ts';
import { asUndecodable } from './undecodable-png.ts';

/** Inflated bytes that are held whole: 22 megapixels. */
const MOST_BYTES = 64 * 1024 ** 2;
/** Bytes unfiltered at a time: what they are made of and what becomes of them stays in the processor's cache. */
const BLOCK_BYTES = 128 * 1024;
/** Rows of a picture are compressed about equally well: a share of its bytes and this much more hold a share of its rows. */
const SLACK = 1.08;
/** Node.js's bound for a piece of output. */
const LEAST_CHUNK = 64;

/** May {@link readRowsAtOnce} inflate this picture whole? */
export function fitsAtOnce({ width, height }: PngHeader): boolean {
  return height * (1 + width * 3) <= MOST_BYTES;
}

/** Bytes of a picture that lie inflated in memory at a time. */
export function inflatedAtOnce(header: PngHeader): number {
  return fitsAtOnce(header) ? 2 * inflatedBytes(header) : 0;
}

/**
 * `readRows` of a file in memory, for threads with nothing else to do: inflated in one call, which takes half of the
 * processor time that handing blocks from thread to thread takes. `wanted` rows are asked for; if that is not all, the
 * rest is not even inflated, as far as can be told beforehand. Throws an UndecodablePngError.
 */
export function readRowsAtOnce(
  file: Uint8Array,
  header: PngHeader,
  kernel: PngRows,
  wanted: number,
  onRows: OnRows,
): void {
  const rows = new RowAssembly(header, kernel, onRows);
  try {
    const inflated = topOf(file, header, wanted * rows.stride) ?? allOf(file, header);
    const block = Math.max(1, Math.floor(BLOCK_BYTES / rows.stride)) * rows.stride;
    for (let at = 0; at < inflated.length; at += block) {
      if (!rows.take(inflated.subarray(at, at + block))) return;
    }
    rows.finish();
  } catch (error) {
    throw asUndecodable(error);
  }
}

/** The first `needed` inflated bytes and some more, or undefined if they lie further down than expected. */
function topOf(file: Uint8Array, header: PngHeader, needed: number): Uint8Array | undefined {
  const share = (needed / inflatedBytes(header)) * SLACK;
  if (share > 0.95) return undefined;
  const most = Math.ceil(share * file.length);
  const compressed: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of idatIn(file)) {
    // Not before this: coming here says that the piece before had a right check sum.
    if (bytes === most) break;
    compressed.push(piece.subarray(0, most - bytes));
    bytes += Math.min(piece.length, most - bytes);
  }
  const top = inflateSync(joined(compressed), {
    chunkSize: Math.ceil(needed * SLACK) + LEAST_CHUNK,
    maxOutputLength: inflatedBytes(header) + 1,
    // Cut off, the stream is given out as far as it goes.
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return top.length >= needed ? top : undefined;
}

function allOf(file: Uint8Array, header: PngHeader): Uint8Array {
  const most = inflatedBytes(header) + 1;
  return inflateSync(joined([...idatIn(file)]), { chunkSize: most + LEAST_CHUNK, maxOutputLength: most });
}

function inflatedBytes({ width, height }: PngHeader): number {
  return height * (1 + width * 3);
}

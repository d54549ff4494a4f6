import { allOf, type OnRows } from '../../domain/kernels/inflate/contract.ts';
import type { PngHeader } from '../../domain/png/png-header.ts';
import { hasSimd } from '../kernels/make-kernel.ts';
import type { RowKernels } from '../kernels/make-rows.ts';
import { idatIn } from './idat.ts';
import { openRows } from './read-rows.ts';
import { readRowsAtOnceByZlib } from './read-rows-by-zlib.ts';
import { allWanted, type PartWanted } from './row-assembly.ts';
import { asUndecodable } from './undecodable-png.ts';

/** Bytes that zlib may inflate at once: 22 megapixels. */
const MOST_BYTES = 64 * 1024 ** 2;

/** May {@link readRowsAtOnce} read this picture? Our own kernel reads any. */
export function fitsAtOnce(header: PngHeader, { inflate }: RowKernels): boolean {
  return inflate !== undefined || inflatedBytes(header) <= MOST_BYTES;
}

/** Bytes of a picture that lie inflated in memory at a time, by the fastest kernels of this machine. */
export function inflatedAtOnce(header: PngHeader): number {
  return hasSimd() || inflatedBytes(header) > MOST_BYTES ? 0 : 2 * inflatedBytes(header);
}

/**
 * `readRows` of a file in memory, for threads with nothing else to do. Below the last row that is wanted nothing is
 * inflated: true sums are expected of what is read. Throws an UndecodablePngError.
 *
 * @param isVouchedFor do the file's or the pixels' MD5s say more than the sums of its chunks?
 */
export function readRowsAtOnce(
  file: Uint8Array,
  header: PngHeader,
  kernels: RowKernels,
  onRows: OnRows,
  wanted: PartWanted = allWanted(header),
  isVouchedFor = false,
): void {
  try {
    const compressed = idatIn(file, isVouchedFor);
    if (kernels.inflate === undefined) readRowsAtOnceByZlib(compressed, header, kernels, wanted, onRows);
    else inflateAtOnce(compressed, openRows(header, kernels.inflate, wanted, onRows));
  } catch (error) {
    throw asUndecodable(error);
  }
}

function inflateAtOnce(compressed: Iterable<Uint8Array>, stream: ReturnType<typeof openRows>): void {
  try {
    for (const piece of compressed) if (!allOf(stream.take(piece))) return;
    allOf(stream.finish());
  } finally {
    stream.close();
  }
}

function inflatedBytes({ width, height }: PngHeader): number {
  return height * (1 + width * 3);
}

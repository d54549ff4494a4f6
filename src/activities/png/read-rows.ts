import { setImmediate } from 'node:timers/promises';
import type { Inflate, OnRows, Steps } from '../../domain/kernels/inflate/contract.ts';
import type { PngHeader } from '../../domain/png/png-header.ts';
import type { RowKernels } from '../kernels/make-rows.ts';
import { idatOf, type Pieces } from './idat.ts';
import { readRowsByZlib } from './read-rows-by-zlib.ts';
import { allWanted, type PartWanted } from './row-assembly.ts';
import { asUndecodable } from './undecodable-png.ts';

const CHANNELS = 3;
/** Wider rows are no photograph; the general decoder may look at them. */
const MAX_ROW_BYTES = 4 * 1024 ** 2;
/** Steps of some 128 KiB that hold the event loop together: inflated, unfiltered and hashed, a millisecond or two. */
const STEPS_A_TURN = 4;

/** Is this the kind of PNG that {@link readRows} reads: 8-bit RGB, not interlaced, rows of bounded width? */
export function isPlainRgb({ bitDepth, colourType, interlaced, width }: PngHeader): boolean {
  return bitDepth === 8 && colourType === 2 && !interlaced && width * CHANNELS <= MAX_ROW_BYTES;
}

/**
 * Decodes a picture row by row, in memory that does not depend on its height. Unless it is ended early it must have
 * exactly the rows that its header promises, and right check sums. Of each row the columns left of `wanted.right` are handed
 * on; rows above `wanted.top` may be. Throws an UndecodablePngError.
 */
export async function readRows(
  pieces: Pieces,
  header: PngHeader,
  kernels: RowKernels,
  onRows: OnRows,
  signal?: AbortSignal,
  wanted: PartWanted = allWanted(header),
): Promise<void> {
  try {
    const compressed = idatOf(pieces);
    if (kernels.inflate)
      await inflateInTurns(compressed, openRows(header, kernels.inflate, wanted, onRows), signal);
    else await readRowsByZlib(compressed, header, kernels, wanted, onRows, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw asUndecodable(error);
  }
}

/** A stream of this picture's rows. */
export function openRows(
  { width, height }: PngHeader,
  inflate: Inflate,
  { top, bottom, right }: PartWanted,
  onRows: OnRows,
) {
  const isChecked = bottom === height;
  return inflate.rows({ height, length: width * CHANNELS, used: right * CHANNELS, top, isChecked }, onRows);
}

async function inflateInTurns(
  compressed: AsyncIterable<Uint8Array>,
  stream: ReturnType<typeof openRows>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let steps = 0;
  const inTurns = async (work: Steps): Promise<boolean> => {
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
      if (++steps % STEPS_A_TURN === 0) {
        await setImmediate();
        signal?.throwIfAborted();
      }
    }
  };
  try {
    for await (const piece of compressed) {
      if (!(await inTurns(stream.take(piece)))) return;
    }
    await inTurns(stream.finish());
  } finally {
    stream.close();
  }
}

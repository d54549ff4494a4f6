import { parsePngHeader } from '../../domain/png/png-header.ts';
import { UndecodablePngError } from './undecodable-png.ts';

/** Bytes of chunks beside the picture's own: a profile and some words. Each can inflate to a thousand times as many. */
const MOST_OTHER_BYTES = 64 * 1024;

/** Encoders make one for some kilobytes of pixels. */
const MOST_CHUNKS = 1_000_000;

const SIGNATURE_BYTES = 8;
/** Length and type of a chunk. */
const FRAME_BYTES = 8;
const SUM_BYTES = 4;

/** Bytes `[from, end)` of a file. */
interface Part {
  readonly from: number;
  readonly end: number;
  readonly isOfPicture: boolean;
}

/**
 * A picture's bytes for libvips, which inflates every text and profile of a PNG, whatever that takes: of one with much beside
 * its pixels a copy without. No pixel depends on it, since nobody manages colours here. Throws an UndecodablePngError.
 */
export function pictureAlone(file: Buffer): Buffer {
  if (parsePngHeader(file) === undefined) return file;
  const frame: Frames = (at, length) => file.subarray(at, at + length);
  if (bytesBeside(frame) <= MOST_OTHER_BYTES) return file;
  const alone = Buffer.allocUnsafeSlow(file.length);
  let at = 0;
  for (const { from, end, isOfPicture } of partsOf(frame))
    if (isOfPicture) at += file.copy(alone, at, from, end);
  return alone.subarray(0, at);
}

/** So many bytes at a place, or fewer at the file's end. */
type Frames = (at: number, length: number) => Uint8Array;

/** As soon as it is too many, so many. */
function bytesBeside(frame: Frames): number {
  let others = 0;
  for (const { from, end, isOfPicture } of partsOf(frame)) {
    if (!isOfPicture) others += end - from;
    if (others > MOST_OTHER_BYTES) break;
  }
  return others;
}

/** Chunk after chunk; those that come after each other and are of one sort as one. */
function* partsOf(frame: Frames): Generator<Part> {
  let part: Part = { from: 0, end: SIGNATURE_BYTES, isOfPicture: true };
  let chunks = 0;
  for (let type = ''; type !== 'IEND'; chunks++) {
    if (chunks === MOST_CHUNKS)
      throw new UndecodablePngError(`expected at most ${MOST_CHUNKS} chunks, got more`);
    const { end: at } = part;
    const bytes = Buffer.from(frame(at, FRAME_BYTES));
    if (bytes.length < FRAME_BYTES) break;
    type = bytes.toString('latin1', 4);
    const isOfPicture = isPixels(type);
    const end = at + FRAME_BYTES + bytes.readUInt32BE(0) + SUM_BYTES;
    if (isOfPicture === part.isOfPicture) part = { ...part, end };
    else {
      yield part;
      part = { from: at, end, isOfPicture };
    }
  }
  yield part;
}

/** What no reader may pass over is written with a capital; beside that only transparency changes what is decoded. */
function isPixels(type: string): boolean {
  return /^[A-Z]/.test(type) || type === 'tRNS';
}

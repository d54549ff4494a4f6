import { crc32 } from 'node:zlib';
import { UndecodablePngError } from './undecodable-png.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and check sum of a chunk. */
const FRAME_BYTES = 12;
/** The PNG specification's own bound. */
const MAX_CHUNK = 2 ** 31 - 1;

export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * The compressed pixels of a PNG that comes in pieces of any size: the contents of its IDAT chunks, each checked by its
 * check sum. Other chunks are stepped over unread, as they say nothing of the pixels; one that a reader may not step over is
 * refused, as every reader does, and so are pixels in two places. Ends after IEND.
 */
export async function* idatOf(pieces: Pieces): AsyncGenerator<Uint8Array> {
  const chunks = new ChunkWalk();
  for await (const piece of pieces) {
    yield* chunks.take(piece);
    if (chunks.isOver) return;
  }
  throw new UndecodablePngError('expected an IEND chunk, got the end of the file');
}

/**
 * {@link idatOf} of a whole file; what is not asked for is not looked at. Of one whose bytes a digest vouches for, chunks need
 * no sums of their own.
 */
export function* idatIn(file: Uint8Array, isVouchedFor: boolean): Generator<Uint8Array> {
  const chunks = new ChunkWalk(!isVouchedFor);
  yield* chunks.take(file);
  if (!chunks.isOver) throw new UndecodablePngError('expected an IEND chunk, got the end of the file');
}

/** A state machine over the file's bytes. */
class ChunkWalk {
  isOver = false;
  #skip = SIGNATURE_BYTES;
  #frame = Buffer.alloc(8);
  #framed = 0;
  #type = '';
  #left = 0;
  #sum = 0;
  #tail = Buffer.alloc(4);
  #tailed = 4;
  #chunks = 0;
  #pixels: 'to come' | 'begun' | 'over' = 'to come';
  readonly #isChecked: boolean;

  constructor(isChecked = true) {
    this.#isChecked = isChecked;
  }

  *take(piece: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < piece.length && !this.isOver; ) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, piece.length - at);
        this.#skip -= step;
        at += step;
      } else if (this.#tailed < 4) at += this.#takeTail(piece, at);
      else if (this.#left > 0) {
        const data = piece.subarray(at, at + this.#left);
        this.#left -= data.length;
        at += data.length;
        if (this.#isChecked) this.#sum = crc32(data, this.#sum);
        if (this.#left === 0) this.#tailed = 0;
        // Where it is at hand the sum is compared first: whoever has enough of the chunk does not come back.
        if (this.#tailed < 4) at += this.#takeTail(piece, at);
        yield data;
      } else at += this.#takeFrame(piece, at);
    }
  }

  #takeFrame(piece: Uint8Array, at: number): number {
    const step = Math.min(8 - this.#framed, piece.length - at);
    this.#frame.set(piece.subarray(at, at + step), this.#framed);
    this.#framed += step;
    if (this.#framed < 8) return step;
    this.#framed = 0;
    const length = this.#frame.readUInt32BE(0);
    this.#type = this.#frame.toString('latin1', 4, 8);
    if (length > MAX_CHUNK || !/^[A-Za-z]{4}$/.test(this.#type)) {
      throw new UndecodablePngError(`expected a chunk, got other bytes`);
    }
    if (this.#type === 'IEND') this.isOver = true;
    else if (this.#type === 'IDAT') {
      if (this.#pixels === 'over')
        throw new UndecodablePngError('expected IDAT chunks in one row, got others between');
      this.#pixels = 'begun';
      this.#left = length;
      this.#sum = crc32(this.#frame.subarray(4));
      if (length === 0) this.#tailed = 0;
    } else {
      // A capital letter: no reader may step over it.
      const isKnown = this.#type === 'PLTE' || (this.#type === 'IHDR' && this.#chunks === 0);
      if (!isKnown && /^[A-Z]/.test(this.#type))
        throw new UndecodablePngError(`expected no ${this.#type} chunk there, got one`);
      if (this.#pixels === 'begun') this.#pixels = 'over';
      this.#skip = length + FRAME_BYTES - 8;
    }
    this.#chunks++;
    return step;
  }

  #takeTail(piece: Uint8Array, at: number): number {
    const step = Math.min(4 - this.#tailed, piece.length - at);
    this.#tail.set(piece.subarray(at, at + step), this.#tailed);
    this.#tailed += step;
    if (this.#isChecked && this.#tailed === 4 && this.#tail.readUInt32BE() !== this.#sum) {
      throw new UndecodablePngError('expected an IDAT chunk with a right check sum, got a wrong one');
    }
    return step;
  }
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

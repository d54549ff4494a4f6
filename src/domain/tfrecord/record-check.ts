import { crc32c } from './crc32c.ts';
import { FRAME_BYTES, HEAD_BYTES, isHeadOf, masked, TAIL_BYTES } from './frame.ts';

/** More are not told apart: the last one then goes on to the end of the file. */
const MOST_RANGES = 256;

/** Records by their place in the file, from 0; `end`: behind the last one. */
export interface RecordRange {
  readonly from: number;
  readonly end: number;
}

/**
 * Reads a file of records of one length, piece by piece in their order, and tells which are damaged. Every record begins
 * where it must, so that no damage, not even of a length, concerns those behind it. In memory of no account.
 */
export class RecordCheck {
  readonly #recordBytes: number;
  readonly #head = new Uint8Array(HEAD_BYTES);
  readonly #tail = new Uint8Array(TAIL_BYTES);
  readonly #damaged: RecordRange[] = [];
  /** Position in the record at hand, and which that is. */
  #at = 0;
  #record = 0;
  #crc = 0;
  #isRight = true;

  /** @param recordBytes of each record with its frame */
  constructor(recordBytes: number) {
    if (!Number.isSafeInteger(recordBytes) || recordBytes < FRAME_BYTES)
      throw new RangeError(`records [bytes=${recordBytes}]: expected at least ${FRAME_BYTES}, got fewer`);
    this.#recordBytes = recordBytes;
  }

  take(bytes: Uint8Array): void {
    const tailAt = this.#recordBytes - TAIL_BYTES;
    for (let from = 0; from < bytes.length; ) {
      const end = this.#at < HEAD_BYTES ? HEAD_BYTES : this.#at < tailAt ? tailAt : this.#recordBytes;
      const piece = bytes.subarray(from, from + end - this.#at);
      if (this.#at < HEAD_BYTES) this.#head.set(piece, this.#at);
      else if (this.#at < tailAt) this.#crc = crc32c(piece, this.#crc);
      else this.#tail.set(piece, this.#at - tailAt);
      this.#at += piece.length;
      from += piece.length;
      if (this.#at === HEAD_BYTES) this.#isRight = isHeadOf(this.#head, this.#recordBytes - FRAME_BYTES);
      if (this.#at === this.#recordBytes) this.#endRecord();
    }
  }

  /** At the end of the file: the damaged ones, ascending. What breaks off in a record is one of them. */
  end(): readonly RecordRange[] {
    if (this.#at > 0) this.#note();
    return this.#damaged;
  }

  #endRecord(): void {
    const crc = new DataView(this.#tail.buffer).getUint32(0, true);
    if (!this.#isRight || crc !== masked(this.#crc)) this.#note();
    this.#record++;
    this.#at = 0;
    this.#crc = 0;
  }

  #note(): void {
    const from = this.#record;
    const last = this.#damaged.at(-1);
    const goesOn = last !== undefined && (last.end === from || this.#damaged.length === MOST_RANGES);
    if (goesOn) this.#damaged[this.#damaged.length - 1] = { from: last.from, end: from + 1 };
    else this.#damaged.push({ from, end: from + 1 });
  }
}

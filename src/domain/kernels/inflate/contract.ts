/** Hears rows from top to bottom, each once; the bytes are the kernel's until it returns. False: no more is wanted. */
export type OnRows = (rows: Uint8Array, firstRow: number) => boolean;

/** Hears what is inflated; the bytes are the kernel's until it returns. False: no more is wanted. */
export type OnBytes = (bytes: Uint8Array) => boolean;

/** Rows of a PNG of 8-bit RGB. */
export interface RowsWanted {
  /** All rows that the stream must hold, and the bytes of each, but for its filter's type. */
  readonly height: number;
  readonly length: number;
  /** Of each row the first so many bytes are handed on. */
  readonly used: number;
  /** The first row that is handed on. */
  readonly top: number;
  /** Must the stream's check sum be right? It costs time, and whoever stops above the end never comes to it. */
  readonly isChecked: boolean;
}

/** Work in steps, each of which hands on about 128 KiB: whoever is not alone lets others go on between them. */
export type Steps = Generator<undefined, boolean>;

/** A zlib stream that is being inflated. */
export interface InflateStream {
  /**
   * Takes more of it, in pieces of any size. What comes behind the end of the stream is let go. False where no more is
   * wanted. Throws a WrongStreamError for what zlib would refuse, and for more rows than there should be; a
   * FilterTypeError.
   */
  take(compressed: Uint8Array): Steps;

  /**
   * Nothing comes any more. False where no more is wanted. Throws a WrongStreamError where the stream does not end here, or
   * does not hold all rows.
   */
  finish(): Steps;

  /** To be called once, whatever became of it. */
  close(): void;
}

/**
 * Inflates zlib streams (RFC 1950, 1951): the same bytes as zlib's, and the same streams refused. Its plain twin is zlib
 * itself, so that callers without SIMD go by that.
 */
export interface Inflate {
  bytes(onBytes: OnBytes): InflateStream;

  /** Rows that are unfiltered while they are in the processor's cache, in memory that does not depend on their number. */
  rows(wanted: RowsWanted, onRows: OnRows): InflateStream;
}

/** All steps at once. */
export function allOf(steps: Steps): boolean {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** This is no zlib stream, or not one of these rows. */
export class WrongStreamError extends Error {
  override readonly name = 'WrongStreamError';
}

/**
 * PNG's row filters for 8-bit RGB (PNG specification, section 9), in two kinds with the same results: plain TypeScript and
 * WebAssembly SIMD. Results are the caller's until the next call.
 */
export interface PngRows {
  /**
   * `block` holds whole filtered rows of 1 + `length` bytes; `above` is the unfiltered row before them (zeros for the
   * first). Answers the rows without their filter bytes. Throws a {@link FilterTypeError} for a type that does not exist.
   */
  unfilter(block: Uint8Array, length: number, above: Uint8Array): Uint8Array;

  /**
   * Chooses a filter for each row of `pixels` and applies it: of none, up, sub and paeth the one with the least sum of
   * signed magnitudes, the first of equals (what Pillow does). Answers 1 + `length` bytes a row.
   */
  filter(pixels: Uint8Array, length: number): Uint8Array;
}

export class FilterTypeError extends Error {
  override readonly name = 'FilterTypeError';
}

export function wrongFilterType(type: number | undefined): FilterTypeError {
  return new FilterTypeError(`row filter: expected a type 0 to 4, got ${type}`);
}

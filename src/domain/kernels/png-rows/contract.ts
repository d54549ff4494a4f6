/**
 * PNG's row filters for 8-bit RGB (PNG specification, section 9). `length` is a row's, in bytes: three a pixel. Left of a row
 * and above the first one lie zeros. Results are the caller's own until the kernel's next call.
 */
export interface PngRows {
  /**
   * Undoes the filters of some rows, or of their beginnings: a filter looks to the left and above.
   *
   * @param block whole filtered rows of 1 + `length` bytes
   * @param above the unfiltered row before them, or as many of its first bytes as are wanted of each row
   * @returns the rows, as many bytes each as `above` has
   * @throws FilterTypeError for a type that does not exist
   */
  unfilter(block: Uint8Array, length: number, above: Uint8Array): Uint8Array;

  /**
   * Chooses a filter for each row of a picture and applies it: of none, up, sub and paeth the one with the least sum of signed
   * magnitudes, the first of equals (what Pillow does).
   *
   * @param pixels whole rows of `length` bytes
   * @returns the filtered rows, 1 + `length` bytes each
   */
  filter(pixels: Uint8Array, length: number): Uint8Array;
}

export class FilterTypeError extends Error {
  override readonly name = 'FilterTypeError';
}

export function wrongFilterType(type: number | undefined): FilterTypeError {
  return new FilterTypeError(`row filter: expected a type 0 to 4, got ${type}`);
}

/** Decoded pixels: 8-bit RGB, row by row, no gaps. */
export interface RgbRaster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The same samples; what is written through it is rounded and limited to 0..255. */
export function clamped(raster: RgbRaster): Uint8ClampedArray {
  const { buffer, byteOffset, length } = raster.data;
  return new Uint8ClampedArray(buffer, byteOffset, length);
}

/**
 * Calls `work` for spans of whole rows, some milliseconds' worth each, and lets other work of the process run in
 * between; ends early by throwing the signal's reason.
 */
export async function bySpans(
  width: number,
  height: number,
  work: (fromRow: number, toRow: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const rows = rowsPerSpan(width);
  for (let from = 0; from < height; from += rows) {
    signal?.throwIfAborted();
    work(from, Math.min(height, from + rows));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Rows that make up about 32K pixels. */
export function rowsPerSpan(width: number): number {
  return Math.max(1, Math.floor(32_768 / width));
}

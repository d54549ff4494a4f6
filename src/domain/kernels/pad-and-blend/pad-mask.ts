import type { Pad } from '../../raster/picture.ts';

/**
 * How far out each column and row lies, in float32: 1 at the padded picture's edge, 0 at the pad's inner end, below 0
 * inside. The mask of a pixel is the larger of its column's and its row's. Pads must be above 0.
 */
export function padMask(
  width: number,
  height: number,
  pad: Pad,
): { columns: Float32Array; rows: Float32Array } {
  return { columns: ramp(width, pad.left, pad.right), rows: ramp(height, pad.top, pad.bottom) };
}

function ramp(length: number, before: number, after: number): Float32Array {
  const { fround } = Math;
  return Float32Array.from({ length }, (_, at) =>
    fround(1 - Math.min(fround(at / before), fround((length - 1 - at) / after))),
  );
}

import type { Picture } from '../../domain/raster/picture.ts';

/** A view of the same samples; what is written through it is rounded and limited to 0..255. */
export function clamped({ data }: Picture): Uint8ClampedArray {
  return new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
}

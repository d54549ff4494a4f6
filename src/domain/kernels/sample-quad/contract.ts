import type { Picture, Quad } from '../../raster/picture.ts';
import type { PictureRows } from '../../raster/picture-rows.ts';

/**
 * Pillow's `transform((transformSize,) * 2, QUAD, corners, BILINEAR)` and, where `outputSize < transformSize`,
 * `resize((outputSize,) * 2, LANCZOS)` of that. A sample outside the picture is black; one inside, but beyond the centres
 * of the outermost pixels, sees these repeated.
 *
 * @param corners in pixels of `source`, as Pillow takes them: the recipe's quad + 0.5
 * @param transformSize side of the square that is sampled, in pixels
 * @param outputSize side of the result, in pixels
 * @returns the square; the caller's own until the kernel's next call
 * @throws RangeError for corners that are not finite; what `source` throws
 */
export type SampleQuad = (
  source: PictureRows,
  corners: Quad,
  transformSize: number,
  outputSize: number,
) => Picture;

/** Refuses corners that no picture can be sampled by. */
export function checkCorners(corners: Quad): void {
  if (corners.flat().every(Number.isFinite)) return;
  throw new RangeError(`transform: expected four corners of finite numbers, got ${JSON.stringify(corners)}`);
}

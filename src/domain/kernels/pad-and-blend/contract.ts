import type { Pad, Picture, Quad, Size } from '../../raster/picture.ts';
import type { PictureRows } from '../../raster/picture-rows.ts';

/**
 * The reference's padding: `np.pad(mode='reflect')`, which does not repeat the edge; towards the edge blended into its
 * Gaussian blur, whose own `reflect` does repeat it; and then into the median per channel. All in float32, rounded back to
 * 8 bits.
 *
 * @param pad columns and rows to add; each side above 0, of any size
 * @param sigma of the blur, in pixels; above 0
 * @param corners where `sampleQuad` will sample: only what it may look at need be right then
 * @returns `pad.left + width + pad.right` by `pad.top + height + pad.bottom`; the caller's own until the kernel's next call
 * @throws RangeError for an empty picture, and pads or a sigma that are not above 0; what `crop` throws
 */
export type PadAndBlend = (crop: PictureRows, pad: Pad, sigma: number, corners?: Quad) => Picture;

/** Refuses what no picture can be padded by. */
export function checkPad({ width, height }: Size, pad: Pad, sigma: number): void {
  const pads = [pad.left, pad.top, pad.right, pad.bottom];
  if (width > 0 && height > 0 && sigma > 0 && Number.isFinite(sigma) && pads.every((side) => side > 0))
    return;
  throw new RangeError(
    `pad [${width}x${height} by ${pads.join(',')}, sigma=${sigma}]: expected a picture, pads and a sigma above 0`,
  );
}

import type { Box, Picture, Size } from '../../raster/picture.ts';
import type { PictureRows } from '../../raster/picture-rows.ts';

/**
 * Pillow's `Image.resize(target, LANCZOS)` of a picture of size `whole`, of which only a window is made: rows first, then
 * columns, each pass rounded to 8 bits; a side that keeps its size is left alone. Nothing lies beyond the whole picture's
 * border: weights are divided by the sum of those inside.
 *
 * @param source what is at `sourceBox` of the whole picture
 * @param sourceBox holds all that `lanczosSupport` asks for
 * @param window a box of the target
 * @returns the window; the caller's own until the kernel's next call
 * @throws RangeError for a window that does not lie in the target, a source that is not of its box's size, and what `source` throws
 */
export type Resample = (
  source: PictureRows,
  sourceBox: Box,
  whole: Size,
  target: Size,
  window: Box,
) => Picture;

/** Refuses a window that cannot be made from what is given. */
export function checkWindow(source: Size, box: Box, target: Size, window: Box): void {
  const isSource = source.width === box.right - box.left && source.height === box.bottom - box.top;
  const isWindow =
    window.left >= 0 && window.top >= 0 && window.right <= target.width && window.bottom <= target.height;
  if (isSource && isWindow && window.left < window.right && window.top < window.bottom) return;
  throw new RangeError(
    `resample [window=${JSON.stringify(window)}]: expected a window inside ${JSON.stringify(target)} made from ` +
      `${JSON.stringify(box)}, got a picture of ${source.width}x${source.height}`,
  );
}

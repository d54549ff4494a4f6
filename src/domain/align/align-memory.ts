import { lanczosSupport } from '../kernels/resample/lanczos.ts';
import type { Box, Size } from '../raster/picture.ts';
import type { Crop } from './align-spec.ts';
import { CropError, type CropSteps, cropSteps } from './crop-steps.ts';

/** What any face takes: the square that it is sampled to, its PNG, tables. */
const ALWAYS = 32 * 1024 ** 2;
/** Bytes a pixel, more than was measured on faces of which nothing is out of the ordinary but their size. */
const PER_PIXEL_CUT = 3;
const PER_PIXEL_BLURRED = 15;
const PER_PIXEL_PADDED = 38;

/** Bytes that aligning takes beside the original's own file and its decoding; of a face that cannot be cut, next to none. */
export function alignMemory(crop: Crop, original: Size, enablePadding: boolean): number {
  let steps: CropSteps;
  try {
    steps = cropSteps(crop, original, enablePadding);
  } catch (error) {
    if (error instanceof CropError) return 0;
    throw error;
  }
  const { box, pad, shrunk } = steps;
  const read = shrunk === undefined ? box : lanczosSupport(original, shrunk, box);
  const cut = PER_PIXEL_CUT * (areaOf(read) + areaOf(box));
  if (pad === undefined) return ALWAYS + cut;
  const width = pad.left + box.right - box.left + pad.right;
  const height = pad.top + box.bottom - box.top + pad.bottom;
  return ALWAYS + cut + PER_PIXEL_BLURRED * areaOf(box) + PER_PIXEL_PADDED * width * height;
}

function areaOf({ left, top, right, bottom }: Box): number {
  return (right - left) * (bottom - top);
}

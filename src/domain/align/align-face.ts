import { lanczosSupport } from '../kernels/resample/lanczos.ts';
import type { Box, Picture, Size } from '../raster/picture.ts';
import { type PictureRows, rowsOf } from '../raster/picture-rows.ts';
import type { AlignKernels } from './align-kernels.ts';
import type { Crop } from './align-spec.ts';
import { OUTPUT_SIZE, TRANSFORM_SIZE } from './align-spec.ts';
import { cropSteps } from './crop-steps.ts';

/** Gives the pixels of a box of the original; only what the recipe needs is ever decoded. Rows may be decoded as they are read. */
export type ReadOriginal = (box: Box) => Promise<PictureRows>;

/**
 * The recipe (facts: `recreate_aligned_images` of NVlabs/ffhq-dataset): shrink, crop, pad and blend, transform, resize.
 * Answers a picture of 1024 x 1024 that is the caller's until the next call of the same kernels.
 */
export async function alignFace(
  original: Size,
  read: ReadOriginal,
  crop: Crop,
  enablePadding: boolean,
  kernels: AlignKernels,
): Promise<Picture> {
  const steps = cropSteps(crop, original, enablePadding);
  const cut = await readCrop(original, read, steps, kernels);
  const padded =
    steps.pad === undefined ? cut : rowsOf(kernels.padAndBlend(cut, steps.pad, steps.sigma, steps.corners));
  return kernels.sampleQuad(padded, steps.corners, TRANSFORM_SIZE, OUTPUT_SIZE);
}

async function readCrop(
  original: Size,
  read: ReadOriginal,
  { shrunk, box }: ReturnType<typeof cropSteps>,
  kernels: AlignKernels,
): Promise<PictureRows> {
  if (shrunk === undefined) return read(box);
  const needed = lanczosSupport(original, shrunk, box);
  return rowsOf(kernels.resample(await read(needed), needed, original, shrunk, box));
}

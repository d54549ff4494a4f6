import { encodeLikePillow } from '../activities/align/encode-png.ts';
import { makeAlignTools } from '../activities/align/make-kernels.ts';
import { alignFace } from '../domain/align/align-face.ts';
import { defaultAlignOptions } from '../domain/align/align-options.ts';
import { isCrop } from '../domain/align/align-spec.ts';
import { type Box, cutPicture, type Picture } from '../domain/align/picture.ts';
import { CropPlanner } from '../domain/align/plan-crops.ts';
import { md5Of } from '../domain/digest.ts';
import type { Md5 } from '../domain/ids.ts';
import type { RgbRaster } from './raster.ts';
import type { Point } from './record.ts';

export interface AlignedFace {
  readonly raster: RgbRaster;
  readonly pixelMd5: Md5;
  /** The file as the dataset's makers wrote it: Pillow's bytes. */
  readonly png: Buffer;
}

/** What the aligner makes of a face that was drawn: pixels and file are the reference's, to the last bit. */
export async function alignDrawnFace(photo: RgbRaster, landmarks: readonly Point[]): Promise<AlignedFace> {
  const { kernels, rows } = makeAlignTools(true);
  const crop = new CropPlanner(1, defaultAlignOptions).plan({ ...photo, landmarks });
  if (!isCrop(crop)) throw new Error(`sample: expected a face that can be aligned, got ${crop.detail}`);
  const read = async (box: Box): Promise<Picture> => cutPicture(photo, box);
  const picture = await alignFace(photo, read, crop, defaultAlignOptions.enablePadding, kernels);
  // The kernels keep their memory for the next face.
  const raster = { ...picture, data: picture.data.slice() };
  return { raster, pixelMd5: md5Of(raster.data), png: encodeLikePillow(raster, rows) };
}

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AlignPool } from '../../activities/align/threads/align-pool.ts';
import { decodePhoto } from '../../activities/png/decode-photo.ts';
import { defaultAlignOptions } from '../../domain/align/align-options.ts';
import { isCrop } from '../../domain/align/align-spec.ts';
import { CropPlanner } from '../../domain/align/plan-crops.ts';
import type { Size } from '../../domain/raster/picture.ts';
import type { RgbRaster } from '../picture/raster.ts';
import type { WrittenPng } from '../picture/write-png.ts';
import type { Point } from '../record.ts';

export interface DrawnFace {
  /** Absolute. */
  readonly original: string;
  readonly photo: Size;
  readonly landmarks: readonly Point[];
}

/**
 * Writes what the aligner makes of a face that was drawn, as the dataset's makers wrote it: pixels and file are the
 * reference's, to the last bit. Also answers the pixels.
 */
export async function alignDrawnFace(
  { original, photo, landmarks }: DrawnFace,
  path: string,
  pool: AlignPool,
  signal: AbortSignal,
): Promise<WrittenPng & { readonly raster: RgbRaster }> {
  const crop = new CropPlanner(1, defaultAlignOptions).plan({ ...photo, landmarks });
  if (!isCrop(crop)) throw new Error(`sample [file=${path}]: ${crop.detail}`);
  const { enablePadding } = defaultAlignOptions;
  await mkdir(dirname(path), { recursive: true });
  const output = `${path}.${randomUUID()}.partial`;
  const task = { original: { path: original }, crop, enablePadding, fileIdentical: true, output };
  try {
    const answer = await pool.align(task, signal);
    if (answer.status === 'refused') throw Object.assign(new Error(answer.message), { code: answer.code });
    if (answer.status === 'failed') throw new Error(`sample [file=${path}]: ${answer.failure.detail}`);
    const raster = await decodePhoto(await readFile(output));
    await rename(output, path);
    const { size, md5, pixelMd5 } = answer;
    return { size, md5, pixelMd5, raster };
  } finally {
    await rm(output, { force: true });
  }
}

import { randomUUID } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import type { AlignPool } from '../activities/align/threads/align-pool.ts';
import { decodePhoto } from '../activities/png/decode-photo.ts';
import { defaultAlignOptions } from '../domain/align/align-options.ts';
import { isCrop } from '../domain/align/align-spec.ts';
import { CropPlanner } from '../domain/align/crop-planner.ts';
import type { Picture, Point, Size } from '../domain/raster/picture.ts';
import type { PictureFile } from './record/record-file.ts';

/** A face in its photo. */
export interface DrawnFace {
  /** The photo's PNG file, absolute. */
  readonly original: string;
  readonly photo: Size;
  /** 68 points, in pixels of the photo. */
  readonly landmarks: readonly Point[];
}

/**
 * Writes what the aligner makes of a face that was drawn, as the dataset's makers wrote it: pixels and file are the
 * reference's, to the last bit.
 *
 * @param path - Absolute, in a folder that is there; written as a whole or not at all.
 * @returns The file's size and digests, and its pixels.
 * @throws An Error when the face cannot be aligned or written; the signal's reason.
 */
export async function alignDrawnFace(
  { original, photo, landmarks }: DrawnFace,
  path: string,
  pool: AlignPool,
  signal: AbortSignal,
): Promise<PictureFile & { readonly picture: Picture }> {
  const crop = new CropPlanner(1, defaultAlignOptions).plan({ ...photo, landmarks });
  if (!isCrop(crop)) throw new Error(`sample [file=${path}]: ${crop.detail}`);
  const { enablePadding } = defaultAlignOptions;
  const output = `${path}.${randomUUID()}.partial`;
  const task = { original: { path: original }, crop, enablePadding, fileIdentical: true, output };
  try {
    const answer = await pool.align(task, signal);
    if (answer.status === 'refused') throw Object.assign(new Error(answer.message), { code: answer.code });
    if (answer.status === 'failed') throw new Error(`sample [file=${path}]: ${answer.failure.detail}`);
    const picture = await decodePhoto(await readFile(output));
    await rename(output, path);
    const { size, md5, pixelMd5 } = answer;
    return { size, md5, pixelMd5, picture };
  } finally {
    await rm(output, { force: true });
  }
}

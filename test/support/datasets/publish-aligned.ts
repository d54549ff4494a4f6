import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { alignedPath } from '../../../src/domain/dataset/layout.ts';
import type { Sample, SampleFile } from '../../../src/sample/folder/sample.ts';

/**
 * Puts aligned pictures in the place of a dataset's images, in its manifest too, so that its faces align to them from now
 * on. `aligned`: the folder that holds them, by position; `ids`: of all records, in their order.
 */
export async function publishAligned(tiny: Sample, ids: readonly number[], aligned: string): Promise<Sample> {
  const files = new Map<string, SampleFile>(tiny.files);
  const retake = (filePath: string): SampleFile => {
    const [id, file] = [...files].find(([, one]) => one.filePath === filePath) ?? [];
    if (id === undefined || file === undefined)
      throw new Error(`${filePath}: expected a file of the dataset`);
    const now = { ...file, size: statSync(file.path).size, md5: md5(readFileSync(file.path)) };
    files.set(id, now);
    return now;
  };
  const manifest = JSON.parse(readFileSync(tiny.manifestPath, 'utf8'));
  for (const [position, id] of ids.entries()) {
    const image = manifest[id].image;
    const picture = alignedPath(aligned, position);
    copyFileSync(picture, join(tiny.folder, image.file_path));
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    const { size, md5: digest } = retake(image.file_path);
    Object.assign(image, { file_size: size, file_md5: digest });
    Object.assign(image, { pixel_size: [info.width, info.height], pixel_md5: md5(data) });
  }
  writeFileSync(tiny.manifestPath, JSON.stringify(manifest));
  const { size: manifestBytes, md5: manifestMd5 } = retake('ffhq-dataset-v2.json');
  return { ...tiny, manifestBytes, manifestMd5, files };
}

function md5(bytes: Uint8Array): Md5 {
  return createHash('md5').update(bytes).digest('hex') as Md5;
}

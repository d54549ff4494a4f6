import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';
import type { Md5 } from '../../src/domain/dataset/ids.ts';
import { alignedPath } from '../../src/domain/dataset/layout.ts';
import type { Sample, SampleFile } from '../../src/sample/folder/sample.ts';
import { makeTinyDataset } from '../../src/sample/make-tiny-dataset.ts';
import { User } from '../support/processes.ts';
import { serveSample } from '../support/serve-dataset.ts';
import { commandFor } from './recording.ts';

/**
 * Makes a dataset of some hundred kB in `root/origin` whose faces align to its images: its small originals are aligned
 * once, by this version, and what comes of them takes the images' place.
 */
export async function makeAlignableDataset(
  root: string,
  ids: readonly number[],
  folder: string,
): Promise<Sample> {
  const tiny = await makeTinyDataset({
    folder: join(root, 'origin'),
    ids,
    pngSize: { images: 16, thumbs: 16, wilds: 32 },
    noiseBits: 1,
  });
  const dataset = await serveSample(tiny, root);
  const user = await User.make({ FFHQ_GOOGLE_ORIGIN: dataset.drive.origin });
  const { code, output } = await user.run(commandFor(dataset));
  // Aligned and stored, but not what the manifest names.
  expect(code, output).toBe(3);
  await dataset.drive.close();

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
    const aligned = join(dataset.out, alignedPath(folder, position));
    copyFileSync(aligned, join(tiny.folder, image.file_path));
    const { data, info } = await sharp(aligned).raw().toBuffer({ resolveWithObject: true });
    const { size, md5: digest } = retake(image.file_path);
    Object.assign(image, { file_size: size, file_md5: digest });
    Object.assign(image, { pixel_size: [info.width, info.height], pixel_md5: md5(data) });
  }
  writeFileSync(tiny.manifestPath, JSON.stringify(manifest));
  rmSync(dataset.out, { recursive: true });
  const { size: manifestBytes, md5: manifestMd5 } = retake('ffhq-dataset-v2.json');
  return { ...tiny, manifestBytes, manifestMd5, files };
}

function md5(bytes: Uint8Array): Md5 {
  return createHash('md5').update(bytes).digest('hex') as Md5;
}

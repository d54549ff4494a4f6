import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { losslessWebp } from '../activities/png/decode-photo.ts';
import { DatasetFolder } from './folder/make-dataset.ts';
import type { MadeFile, Sample, SampleFile } from './folder/sample.ts';
import { filesOf } from './folder/sample.ts';
import { beginStamp, completeStamp, readStamp } from './folder/stamp.ts';

/** A picture of a sample once more, in another encoding. */
export interface Reencoded {
  /** Drive id of the picture. */
  readonly id: string;
  readonly webp: SampleFile;
}

/**
 * Makes lossless WebPs of a sample's pictures, as mirrors of the dataset hold them. A folder that holds them already is only
 * described.
 *
 * @param isWanted which of the sample's files, by their paths in it
 * @param folder made if absent; an empty folder or WebPs of an earlier sample
 */
export async function makeWebps(
  sample: Sample,
  isWanted: (filePath: string) => boolean,
  folder: string,
): Promise<readonly Reencoded[]> {
  const pictures = [...sample.files].filter(([, { filePath }]) => isWanted(filePath));
  const recipe = `webps v1 of ${pictures.length} of ${sample.manifestMd5}`;
  const root = resolve(folder);
  const earlier = await readStamp(root, recipe);
  const made = earlier ?? (await makeAll(pictures, root, recipe));
  const byPath = new Map([...filesOf(root, recipe, made).values()].map((file) => [file.filePath, file]));
  return pictures.flatMap(([id, { filePath }]) => {
    const webp = byPath.get(webpOf(filePath));
    return webp === undefined ? [] : [{ id, webp }];
  });
}

async function makeAll(
  pictures: readonly (readonly [string, SampleFile])[],
  root: string,
  recipe: string,
): Promise<readonly MadeFile[]> {
  await beginStamp(root, recipe);
  const dataset = new DatasetFolder(root, recipe, undefined);
  await Promise.all(
    pictures.map(async ([, { path, filePath }]) => {
      await dataset.write(webpOf(filePath), [await losslessWebp(await readFile(path))]);
    }),
  );
  await completeStamp(root, recipe, dataset.files);
  return dataset.files;
}

function webpOf(filePath: string): string {
  return filePath.replace(/\.png$/, '.webp');
}

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decodePhoto } from '../activities/png/decode-photo.ts';
import { type ZipsRequest, zipKeys } from '../domain/dataset/asked-files.ts';
import { LICENSE_FILE } from '../domain/dataset/layout.ts';
import { kinds } from '../domain/kinds.ts';
import { pictureRecord } from './archive/picture-record.ts';
import { type ZipMember, zipPieces } from './archive/zip-pieces.ts';
import { DatasetFolder } from './folder/make-dataset.ts';
import type { MadeFile, Sample, SampleFile } from './folder/sample.ts';
import { filesOf } from './folder/sample.ts';
import { beginStamp, completeStamp, readStamp } from './folder/stamp.ts';
import { boxShrink } from './picture/box-shrink.ts';
import { sampleId } from './record/sample-id.ts';

/** Of 4 to 32 pixels a side, from thumbnails of 128: the larger ones would be as large as the sample. */
const LEVELS = [2, 3, 4, 5];
const THUMBNAIL_SIDE = 128;

export interface SampleZips {
  /** By their Drive ids. */
  readonly files: ReadonlyMap<string, SampleFile>;
  /** What asks for them in place of NVIDIA's. */
  readonly zips: ZipsRequest;
}

/**
 * Makes the four archives of a sample, as its origin would hold them: the same sample always makes the same bytes. A folder that
 * holds them already is only described.
 *
 * @param folder made if absent; an empty folder or archives of an earlier sample
 */
export async function makeZips(sample: Sample, folder: string, signal?: AbortSignal): Promise<SampleZips> {
  const recipe = `zips v1 of ${sample.manifestMd5}`;
  const root = resolve(folder);
  const earlier = await readStamp(root, recipe);
  const made = earlier ?? (await makeAll(sample, root, recipe, signal));
  const zips = made.map(({ filePath, size, md5 }) => {
    const key = filePath.slice(kinds.zips.folder.length + 1);
    return [key, { id: sampleId(recipe, filePath), size, md5 }] as const;
  });
  return { files: filesOf(root, recipe, made), zips: Object.fromEntries(zips) };
}

async function makeAll(
  sample: Sample,
  root: string,
  recipe: string,
  signal: AbortSignal | undefined,
): Promise<readonly MadeFile[]> {
  await beginStamp(root, recipe);
  const dataset = new DatasetFolder(root, recipe, signal);
  for (const key of zipKeys) {
    const members = membersOf(sample, key.replace(/\.zip$/, ''));
    await dataset.write(`${kinds.zips.folder}/${key}`, zipPieces(members));
  }
  await completeStamp(root, recipe, dataset.files);
  return dataset.files;
}

/** The files of a folder of the sample; what it does not have is made of its thumbnails. */
function membersOf(sample: Sample, folder: string): ZipMember[] {
  const files = [...sample.files.values()].filter(({ filePath }) => filePath.startsWith(`${folder}/`));
  if (files.length > 0)
    return files.map(({ filePath, path }) => ({ name: filePath, read: () => readFile(path) }));
  const { thumbs, tfrecords } = kinds;
  const pictures = [...sample.files.values()].filter(
    ({ filePath }) => filePath.startsWith(`${thumbs.folder}/`) && filePath.endsWith('.png'),
  );
  const levels = LEVELS.map((level) => ({
    name: `${tfrecords.folder}/ffhq-r${String(level).padStart(2, '0')}.tfrecords`,
    read: () => recordsOf(pictures, 2 ** level),
  }));
  const license = { name: `${tfrecords.folder}/${LICENSE_FILE}`, read: () => readFile(sample.licensePath) };
  return [license, ...levels];
}

async function recordsOf(pictures: readonly SampleFile[], side: number): Promise<Uint8Array> {
  const records: Uint8Array[] = [];
  for (const { path } of pictures) {
    const picture = await decodePhoto(await readFile(path));
    records.push(pictureRecord(boxShrink(picture, THUMBNAIL_SIDE / side)));
  }
  return Buffer.concat(records);
}

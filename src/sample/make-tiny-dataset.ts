import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ImageId } from '../domain/dataset/ids.ts';
import type { ImageKind } from '../domain/kinds.ts';
import { driveUrl } from './drive-id.ts';
import { licenseText } from './license-text.ts';
import { manifestPieces } from './manifest-json.ts';
import type { RgbRaster } from './picture/raster.ts';
import { beginStamp, completeStamp, readStamp } from './picture/stamp.ts';
import { encodeSmallPng } from './picture/write-png.ts';
import { chooseIds, chooseKinds, plausibleRecord } from './plausible-record.ts';
import { Random } from './random.ts';
import { kindFolders, type NumberedRecord, type RecordFile, recordFilePath } from './record.ts';
import {
  describeSample,
  LICENSE_NAME,
  MANIFEST_NAME,
  type MadeFile,
  type Sample,
  sampleId,
} from './sample.ts';
import { writeAtomically } from './write-atomically.ts';

/** Records made at a time: enough to keep the disk busy, few enough for others to get a turn. */
const AT_A_TIME = 16;
const DEFAULT_SIZES = { images: 32, thumbs: 16, wilds: 48 } as const satisfies Record<ImageKind, number>;
const PURPOSE = { images: 1, thumbs: 2, wilds: 3 } as const satisfies Record<ImageKind, number>;

export interface TinyDatasetOptions {
  /** Made if absent; an empty folder or an earlier dataset. */
  readonly folder: string;
  /** Ids 0 to records - 1. Either this or `ids`. */
  readonly records?: number;
  /** Ascending, with gaps where wanted. */
  readonly ids?: readonly number[];
  /** Other kinds' fields and files are left out. @default all */
  readonly kinds?: readonly ImageKind[];
  /** Side of the square pictures, in pixels. @default images 32, thumbs 16, wilds 48 */
  readonly pngSize?: number | Readonly<Partial<Record<ImageKind, number>>>;
  /** 0 to 8: how much of each sample is noise, and so the size of the files. @default 4, about 1.8 bytes a pixel */
  readonly noiseBits?: number;
  /** @default 1 */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/**
 * Makes a dataset of many small pictures, all different, in the layout and schema of the real one: for tests and
 * measurements, where the number of files matters and not what they show.
 */
export async function makeTinyDataset(options: TinyDatasetOptions): Promise<Sample> {
  const { noiseBits = 4, seed = 1, pngSize } = options;
  const ids = chooseIds(options);
  const kinds = chooseKinds(options.kinds);
  const sizes = { ...DEFAULT_SIZES, ...(typeof pngSize === 'number' ? everyKind(pngSize) : pngSize) };
  const folder = resolve(options.folder);
  const recipe = `tiny v1 ${JSON.stringify({ ids: options.ids ?? ids.length, kinds, sizes, noiseBits, seed })}`;
  const earlier = await readStamp(folder, recipe);
  if (earlier) return describeSample(folder, recipe, ids.length, earlier);

  await beginStamp(folder, recipe);
  const folders = new Set(kinds.flatMap((kind) => ids.map((id) => dirname(recordFilePath(kind, id)))));
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });

  const files: MadeFile[] = [];
  const makePicture = async (kind: ImageKind, id: ImageId): Promise<RecordFile> => {
    const filePath = recordFilePath(kind, id);
    const raster = noisyRaster(new Random(seed, PURPOSE[kind], id), sizes[kind], noiseBits);
    const { bytes, md5, pixelMd5 } = encodeSmallPng(raster);
    await writeFile(join(folder, filePath), bytes);
    files.push({ filePath, size: bytes.length, md5 });
    return {
      file_url: driveUrl(sampleId(recipe, filePath)),
      file_path: filePath,
      file_size: bytes.length,
      file_md5: md5,
      pixel_size: [raster.width, raster.height],
      pixel_md5: pixelMd5,
    };
  };
  const makeRecord = async (id: ImageId): Promise<NumberedRecord> => {
    const pictures = await Promise.all(
      kinds.map(async (kind) => [kind, await makePicture(kind, id)] as const),
    );
    return plausibleRecord(id, seed, Object.fromEntries(pictures));
  };

  async function* madeRecords(): AsyncGenerator<NumberedRecord> {
    for (let from = 0; from < ids.length; from += AT_A_TIME) {
      options.signal?.throwIfAborted();
      yield* await Promise.all(ids.slice(from, from + AT_A_TIME).map(makeRecord));
    }
  }

  const write = async (filePath: string, pieces: AsyncIterable<string> | Iterable<string>) => {
    files.push({ filePath, ...(await writeAtomically(join(folder, filePath), pieces)) });
  };
  await write(MANIFEST_NAME, manifestPieces(madeRecords()));
  for (const parent of ['', ...kinds.map((kind) => `${kindFolders[kind]}/`)]) {
    await write(`${parent}${LICENSE_NAME}`, [licenseText]);
  }
  files.sort((a, b) => (a.filePath < b.filePath ? -1 : 1));
  await completeStamp(folder, recipe, files);
  return describeSample(folder, recipe, ids.length, files);
}

function everyKind(size: number): Record<ImageKind, number> {
  return { images: size, thumbs: size, wilds: size };
}

/** A slope of one colour under noise: no two seeds give the same pixels. */
function noisyRaster(random: Random, size: number, noiseBits: number): RgbRaster {
  const data = new Uint8Array(size * size * 3);
  const mask = 2 ** noiseBits - 1;
  const base = [random.below(200), random.below(200), random.below(200)] as const;
  for (let y = 0, at = 0; y < size; y++) {
    const slope = Math.floor((y * (255 - 200 - mask)) / size);
    for (let x = 0; x < size; x++, at += 3) {
      const bits = random.bits();
      data[at] = base[0] + slope + (bits & mask);
      data[at + 1] = base[1] + slope + ((bits >>> 8) & mask);
      data[at + 2] = base[2] + slope + ((bits >>> 16) & mask);
    }
  }
  // Told apart even where there is too little noise to do so.
  const mark = random.bits();
  for (let i = 0; i < Math.min(4, data.length); i++) data[i] = mark >>> (8 * i);
  return { width: size, height: size, data };
}

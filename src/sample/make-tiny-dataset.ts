import type { ImageId } from '../domain/dataset/ids.ts';
import type { ImageKind } from '../domain/kinds.ts';
import type { Picture } from '../domain/raster/picture.ts';
import { type DatasetFolder, makeDataset } from './folder/make-dataset.ts';
import type { Sample } from './folder/sample.ts';
import { encodeSmallPicture } from './picture/encode-picture.ts';
import { Random } from './random/random.ts';
import { plausibleRecord } from './record/plausible-record.ts';
import type { NumberedRecord } from './record/record.ts';
import { chooseIds, chooseKinds } from './record/selection.ts';

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
 *
 * @returns What is needed to serve it, once all of it is on the disk.
 * @throws RangeError for ids that cannot be; an Error when the folder holds other files; the signal's reason.
 */
export async function makeTinyDataset(options: TinyDatasetOptions): Promise<Sample> {
  const { folder, noiseBits = 4, seed = 1, pngSize, signal } = options;
  const ids = chooseIds(options);
  const kinds = chooseKinds(options.kinds);
  const everyKind =
    typeof pngSize === 'number' ? { images: pngSize, thumbs: pngSize, wilds: pngSize } : pngSize;
  const sizes = { ...DEFAULT_SIZES, ...everyKind };
  const recipe = `tiny v1 ${JSON.stringify({ ids: options.ids ?? ids.length, kinds, sizes, noiseBits, seed })}`;

  const makePicture = async (dataset: DatasetFolder, kind: ImageKind, id: ImageId) => {
    const picture = noisyPicture(new Random(seed, PURPOSE[kind], id), sizes[kind], noiseBits);
    return [kind, await dataset.writePicture(kind, id, picture, encodeSmallPicture(picture))] as const;
  };
  const makeRecord = async (dataset: DatasetFolder, id: ImageId) => {
    const pictures = await Promise.all(kinds.map((kind) => makePicture(dataset, kind, id)));
    return plausibleRecord(id, seed, Object.fromEntries(pictures));
  };
  async function* makeRecords(dataset: DatasetFolder): AsyncGenerator<NumberedRecord> {
    for (let from = 0; from < ids.length; from += AT_A_TIME) {
      signal?.throwIfAborted();
      yield* await Promise.all(ids.slice(from, from + AT_A_TIME).map((id) => makeRecord(dataset, id)));
    }
  }
  return makeDataset({ folder, recipe, records: ids.length, kinds, signal }, makeRecords);
}

/** A slope of one colour under noise: no two seeds give the same pixels. */
function noisyPicture(random: Random, size: number, noiseBits: number): Picture {
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

import { setMaxListeners } from 'node:events';
import { AlignPool } from '../activities/align/threads/align-pool.ts';
import type { ImageId } from '../domain/dataset/ids.ts';
import { canonicalPath } from '../domain/dataset/layout.ts';
import { imageKinds } from '../domain/kinds.ts';
import type { Point, Size } from '../domain/raster/picture.ts';
import { alignDrawnFace } from './align-drawn-face.ts';
import { drawPhoto } from './draw-photo.ts';
import { drawUpPhotos, type PhotoPlan } from './draw-up-photos.ts';
import { placedLandmarks } from './face/face-geometry.ts';
import { type DatasetFolder, makeDataset } from './folder/make-dataset.ts';
import type { Sample } from './folder/sample.ts';
import { boxShrink } from './picture/box-shrink.ts';
import { encodePicture } from './picture/encode-picture.ts';
import { Random } from './random/random.ts';
import { faceRecord } from './record/face-record.ts';
import { inventMetadata } from './record/invent-metadata.ts';
import type { NumberedRecord, RecordFile } from './record/record.ts';
import { spreadIds } from './record/selection.ts';

/** Raised whenever the same options make other bytes: samples in users' caches are then made again. */
const SAMPLE_VERSION = 2;

/** Sides of an aligned image over those of its thumbnail: 1024 and 128 pixels. */
const THUMBNAIL_FACTOR = 8;
const MAX_RECORDS = 1000;

export interface SampleOptions {
  /** Made if absent; an empty folder or an earlier sample. */
  readonly folder: string;
  /** 1 to 1000. @default 24 */
  readonly records?: number;
  /** Another seed draws other faces. @default 1 */
  readonly seed?: number;
  /** Called with 0 before the first photo is finished, then after each photo; not when nothing is to be made. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes a small dataset in the form of the real one, as its origin would hold it: the same options always make the
 * same bytes. A folder that holds it already, every digest right, is only described; a half-made one is made again.
 *
 * @returns What is needed to serve it, once all of it is on the disk.
 * @throws RangeError for a number of records that cannot be; an Error when the folder holds other files; the signal's
 * reason.
 */
export async function makeSample(options: SampleOptions): Promise<Sample> {
  const { folder, records = 24, seed = 1, onProgress } = options;
  if (!Number.isInteger(records) || records < 1 || records > MAX_RECORDS) {
    throw new RangeError(`sample [records=${records}]: expected 1 to ${MAX_RECORDS}, got ${records}`);
  }
  const signal = AbortSignal.any(options.signal === undefined ? [] : [options.signal]);
  // Every face that waits for a thread listens.
  setMaxListeners(0, signal);
  const recipe = `sample v${SAMPLE_VERSION} records=${records} seed=${seed}`;
  return makeDataset({ folder, recipe, records, kinds: imageKinds, signal }, async (dataset) => {
    const maker = new SampleMaker(dataset, seed, signal);
    try {
      return await maker.makePhotos(records, onProgress);
    } finally {
      await maker.close();
    }
  });
}

class SampleMaker {
  readonly #dataset: DatasetFolder;
  readonly #seed: number;
  readonly #signal: AbortSignal;
  readonly #pool = new AlignPool();

  constructor(dataset: DatasetFolder, seed: number, signal: AbortSignal) {
    this.#dataset = dataset;
    this.#seed = seed;
    this.#signal = signal;
  }

  /** Ends its threads. */
  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** All records, in the order of their ids. The next photo is drawn while threads align the faces of those before. */
  async makePhotos(count: number, onProgress: SampleOptions['onProgress']): Promise<NumberedRecord[]> {
    const ids = spreadIds(count);
    const photos: Promise<NumberedRecord[]>[] = [];
    let done = 0;
    onProgress?.(0, count);
    try {
      for (const [index, plan] of drawUpPhotos(count, this.#seed).entries()) {
        const own = ids.splice(0, plan.faces.length);
        const original = await this.#writeOriginal(plan, own);
        const records = this.#makeRecords(plan, original, index, own).then((made) => {
          done += made.length;
          onProgress?.(done, count);
          return made;
        });
        // Awaited below; until then a failure is no surprise to the process.
        records.catch(() => undefined);
        photos.push(records);
      }
      return (await Promise.all(photos)).flat();
    } catch (error) {
      await this.close();
      await Promise.allSettled(photos);
      throw error;
    }
  }

  /** As in the real dataset, each face of a photo has a copy of the original under its own id. */
  async #writeOriginal(plan: PhotoPlan, ids: readonly ImageId[]): Promise<WrittenOriginal> {
    const photo = await drawPhoto(plan, this.#signal);
    const text = plan.textLength > 0 ? { text: new Random(plan.seed).hex(plan.textLength) } : {};
    const encoded = await encodePicture(photo, { ...text, signal: this.#signal });
    const files: RecordFile[] = [];
    for (const id of ids) files.push(await this.#dataset.writePicture('wilds', id, photo, encoded));
    const path = await this.#dataset.placeOf(canonicalPath('wilds', ids[0] as ImageId));
    return { path, size: { width: photo.width, height: photo.height }, files };
  }

  /** One record per id, each with the photo as its original. */
  async #makeRecords(
    plan: PhotoPlan,
    original: WrittenOriginal,
    index: number,
    ids: readonly ImageId[],
  ): Promise<NumberedRecord[]> {
    const metadata = inventMetadata(this.#seed, index, 'varied');
    return allFinished(
      plan.faces.slice(0, ids.length).map(async (face, position) => {
        const id = ids[position] as ImageId;
        const landmarks = placedLandmarks(face.shape, face.placement);
        const { images, thumbs } = await this.#writeFace(original, landmarks, id);
        return faceRecord(id, metadata, landmarks, {
          images,
          thumbs,
          wilds: original.files[position] as RecordFile,
        });
      }),
    );
  }

  async #writeFace(original: WrittenOriginal, landmarks: readonly Point[], id: ImageId) {
    const face = { original: original.path, photo: original.size, landmarks };
    const place = await this.#dataset.placeOf(canonicalPath('images', id));
    const image = await alignDrawnFace(face, place, this.#pool, this.#signal);
    const thumbnail = boxShrink(image.picture, THUMBNAIL_FACTOR);
    const encoded = await encodePicture(thumbnail, { signal: this.#signal });
    return {
      images: this.#dataset.notePicture('images', id, image.picture, image),
      thumbs: await this.#dataset.writePicture('thumbs', id, thumbnail, encoded),
    };
  }
}

/** A photo on the disk. */
interface WrittenOriginal {
  /** Absolute, under the id of its first face. */
  readonly path: string;
  readonly size: Size;
  /** What each of its faces' records says of its copy. */
  readonly files: readonly RecordFile[];
}

/** Like Promise.all, but a failure is passed on only when nothing is at work any more. */
async function allFinished<Value>(work: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

import { setMaxListeners } from 'node:events';
import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { AlignPool } from '../activities/align/threads/align-pool.ts';
import type { ImageId } from '../domain/dataset/ids.ts';
import type { ImageKind } from '../domain/kinds.ts';
import type { Size } from '../domain/raster/picture.ts';
import { driveUrl } from './drive-id.ts';
import { alignDrawnFace } from './face/align-drawn-face.ts';
import {
  faceRect,
  faceSquare,
  landmarksInSquare,
  placedLandmarks,
  squareCorners,
} from './face/face-geometry.ts';
import { inventMetadata } from './invent-metadata.ts';
import { licenseText } from './license-text.ts';
import { manifestPieces } from './manifest-json.ts';
import { type PhotoPlan, planPhotos } from './photo-plan.ts';
import { boxShrink } from './picture/box-shrink.ts';
import { drawPhoto } from './picture/draw-photo.ts';
import type { RgbRaster } from './picture/raster.ts';
import { beginStamp, completeStamp, readStamp } from './picture/stamp.ts';
import { type WrittenPng, writePng } from './picture/write-png.ts';
import { Random } from './random.ts';
import {
  categoryOf,
  kindFolders,
  type NumberedRecord,
  type Point,
  type RecordFile,
  recordFilePath,
  type SampleRecord,
  spreadIds,
} from './record.ts';
import {
  describeSample,
  LICENSE_NAME,
  MANIFEST_NAME,
  type MadeFile,
  type Sample,
  sampleId,
} from './sample.ts';
import { type WrittenFile, writeAtomically } from './write-atomically.ts';

/** Raised whenever the same options make other bytes: samples in users' caches are then made again. */
export const SAMPLE_VERSION = 2;

const IMAGE_SIZE = 1024;
const THUMBNAIL_SIZE = 128;
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
 */
export async function makeSample(options: SampleOptions): Promise<Sample> {
  const { records = 24, seed = 1, signal } = options;
  if (!Number.isInteger(records) || records < 1 || records > MAX_RECORDS) {
    throw new RangeError(`sample [records=${records}]: expected 1 to ${MAX_RECORDS}, got ${records}`);
  }
  const folder = resolve(options.folder);
  const recipe = `sample v${SAMPLE_VERSION} records=${records} seed=${seed}`;
  const earlier = await readStamp(folder, recipe);
  if (earlier) return describeSample(folder, recipe, records, earlier);

  await beginStamp(folder, recipe);
  const maker = new SampleMaker(folder, recipe, seed, signal);
  try {
    const made = await maker.makePhotos(records, options.onProgress);
    await maker.writeFile(MANIFEST_NAME, manifestPieces(made));
  } finally {
    await maker.close();
  }
  for (const parent of ['', ...Object.values(kindFolders).map((name) => `${name}/`)]) {
    await maker.writeFile(`${parent}${LICENSE_NAME}`, [licenseText]);
  }
  // Pictures are finished in any order; what is written down of them is in one.
  const files = maker.files.sort((a, b) => (a.filePath < b.filePath ? -1 : 1));
  await completeStamp(folder, recipe, files);
  return describeSample(folder, recipe, records, files);
}

class SampleMaker {
  readonly files: MadeFile[] = [];
  private readonly folder: string;
  private readonly recipe: string;
  private readonly seed: number;
  private readonly signal: AbortSignal;
  private readonly pool = new AlignPool();

  constructor(folder: string, recipe: string, seed: number, signal: AbortSignal | undefined) {
    this.folder = folder;
    this.recipe = recipe;
    this.seed = seed;
    this.signal = AbortSignal.any(signal === undefined ? [] : [signal]);
    // Every face that waits for a thread listens.
    setMaxListeners(0, this.signal);
  }

  /** Ends its threads. */
  async close(): Promise<void> {
    await this.pool.close();
  }

  /** All records, in the order of their ids. The next photo is drawn while threads align the faces of those before. */
  async makePhotos(count: number, onProgress: SampleOptions['onProgress']): Promise<NumberedRecord[]> {
    const ids = spreadIds(count);
    const photos: Promise<NumberedRecord[]>[] = [];
    let done = 0;
    onProgress?.(0, count);
    try {
      for (const [index, plan] of planPhotos(count, this.seed).entries()) {
        const photo = await drawPhoto(plan, this.signal);
        const own = ids.splice(0, plan.faces.length);
        const [firstId] = own;
        if (firstId === undefined) break;
        const original = await this.writeOriginal(plan, photo, firstId);
        const records = this.writeRecords(plan, original, index, own).then((made) => {
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

  async writeFile(
    filePath: string,
    pieces: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  ): Promise<WrittenFile> {
    const written = await writeAtomically(join(this.folder, filePath), pieces, this.signal);
    this.files.push({ filePath, ...written });
    return written;
  }

  private async writeOriginal(plan: PhotoPlan, photo: RgbRaster, id: ImageId): Promise<WrittenOriginal> {
    const text = plan.textLength > 0 ? { text: new Random(plan.seed).hex(plan.textLength) } : {};
    const written = await this.writePicture('wilds', id, photo, text);
    return { ...written, id, photo: { width: photo.width, height: photo.height } };
  }

  /** One record per id, each with the photo as its original. */
  private async writeRecords(
    plan: PhotoPlan,
    original: WrittenOriginal,
    index: number,
    ids: readonly ImageId[],
  ): Promise<NumberedRecord[]> {
    const metadata = inventMetadata(this.seed, index, 'varied');
    return allFinished(
      plan.faces.slice(0, ids.length).map(async (face, position) => {
        const id = ids[position] as ImageId;
        if (id !== original.id) await this.copyOriginal(original.id, id);
        const landmarks = placedLandmarks(face.shape, face.placement);
        const square = faceSquare(landmarks);
        const { image, thumbnail } = await this.writeFace(original, landmarks, id);
        const record: SampleRecord = {
          category: categoryOf(id),
          metadata,
          image: { ...image, face_landmarks: landmarksInSquare(landmarks, square, IMAGE_SIZE) },
          thumbnail,
          in_the_wild: {
            ...this.describe('wilds', id, original.photo, original),
            face_rect: faceRect(landmarks),
            face_landmarks: landmarks,
            face_quad: squareCorners(square),
          },
        };
        return { id, record };
      }),
    );
  }

  private async writeFace(original: WrittenOriginal, landmarks: readonly Point[], id: ImageId) {
    const filePath = recordFilePath('images', id);
    const face = {
      original: join(this.folder, recordFilePath('wilds', original.id)),
      photo: original.photo,
      landmarks,
    };
    const image = await alignDrawnFace(face, join(this.folder, filePath), this.pool, this.signal);
    this.files.push({ filePath, size: image.size, md5: image.md5 });
    const thumbnail = boxShrink(image.raster, IMAGE_SIZE / THUMBNAIL_SIZE);
    const writtenThumbnail = await this.writePicture('thumbs', id, thumbnail);
    return {
      image: this.describe('images', id, image.raster, image),
      thumbnail: this.describe('thumbs', id, thumbnail, writtenThumbnail),
    };
  }

  private async writePicture(
    kind: ImageKind,
    id: ImageId,
    raster: RgbRaster,
    text: { readonly text?: string } = {},
  ): Promise<WrittenPng> {
    const filePath = recordFilePath(kind, id);
    const options = { ...text, signal: this.signal };
    const written = await writePng(join(this.folder, filePath), raster, options);
    this.files.push({ filePath, size: written.size, md5: written.md5 });
    return written;
  }

  /** As in the real dataset, each face of a photo has a copy of the original under its own id. */
  private async copyOriginal(from: ImageId, to: ImageId): Promise<void> {
    const bytes = createReadStream(join(this.folder, recordFilePath('wilds', from)), {
      highWaterMark: 1 << 20,
    });
    await this.writeFile(recordFilePath('wilds', to), bytes);
  }

  private describe(kind: ImageKind, id: ImageId, size: Size, written: WrittenPng): RecordFile {
    const filePath = recordFilePath(kind, id);
    return {
      file_url: driveUrl(sampleId(this.recipe, filePath)),
      file_path: filePath,
      file_size: written.size,
      file_md5: written.md5,
      pixel_size: [size.width, size.height],
      pixel_md5: written.pixelMd5,
    };
  }
}

/** A photo on the disk, under the id of its first face. */
interface WrittenOriginal extends WrittenPng {
  readonly id: ImageId;
  readonly photo: Size;
}

/** Like Promise.all, but a failure is passed on only when nothing is at work any more. */
async function allFinished<Value>(work: readonly Promise<Value>[]): Promise<Value[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

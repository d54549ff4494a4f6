import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ImageKind } from '../domain/file-spec.ts';
import type { ImageId } from '../domain/ids.ts';
import { alignDrawnFace } from './align-drawn-face.ts';
import { boxShrink } from './box-shrink.ts';
import { drawPhoto } from './draw-photo.ts';
import { driveUrl } from './drive-id.ts';
import { faceRect, faceSquare, landmarksInSquare, placedLandmarks, squareCorners } from './face-geometry.ts';
import { inventMetadata } from './invent-metadata.ts';
import { licenseText } from './license-text.ts';
import { manifestPieces } from './manifest-json.ts';
import { type PhotoPlan, type PlannedFace, planPhotos } from './photo-plan.ts';
import { Random } from './random.ts';
import type { RgbRaster } from './raster.ts';
import {
  categoryOf,
  kindFolders,
  type NumberedRecord,
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
import { beginStamp, completeStamp, readStamp } from './stamp.ts';
import { type WrittenFile, writeAtomically } from './write-atomically.ts';
import { type WrittenPng, writePng } from './write-png.ts';

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
  const ids = spreadIds(records);
  const made: NumberedRecord[] = [];
  let writing: Promise<readonly NumberedRecord[]> = Promise.resolve([]);
  const finishWriting = async (): Promise<void> => {
    made.push(...(await writing));
    options.onProgress?.(made.length, records);
  };
  let drawn = 0;
  for (const [index, plan] of planPhotos(records, seed).entries()) {
    // The next photo is drawn while the one before is compressed on zlib's own threads.
    const photo = await drawPhoto(plan, signal).catch(async (error: unknown) => {
      await Promise.allSettled([writing]);
      throw error;
    });
    await finishWriting();
    writing = maker.writePhoto(plan, photo, index, ids.slice(drawn, drawn + plan.faces.length));
    // Awaited a turn later; until then a failure is no surprise to the process.
    writing.catch(() => undefined);
    drawn += plan.faces.length;
  }
  await finishWriting();
  await maker.writeFile(MANIFEST_NAME, manifestPieces(made));
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
  private readonly signal: AbortSignal | undefined;

  constructor(folder: string, recipe: string, seed: number, signal: AbortSignal | undefined) {
    this.folder = folder;
    this.recipe = recipe;
    this.seed = seed;
    this.signal = signal;
  }

  async writeFile(
    filePath: string,
    pieces: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  ): Promise<WrittenFile> {
    const written = await writeAtomically(join(this.folder, filePath), pieces, this.signal);
    this.files.push({ filePath, ...written });
    return written;
  }

  /** One record per id, each with the photo as its original. */
  async writePhoto(
    plan: PhotoPlan,
    photo: RgbRaster,
    index: number,
    ids: readonly ImageId[],
  ): Promise<NumberedRecord[]> {
    const [firstId] = ids;
    if (firstId === undefined) return [];
    const text = plan.textLength > 0 ? { text: new Random(plan.seed).hex(plan.textLength) } : {};
    const [original, faces] = await bothFinished(
      this.writePicture('wilds', firstId, photo, text),
      this.cutFaces(photo, plan.faces, ids),
    );
    const metadata = inventMetadata(this.seed, index, 'varied');
    const records: NumberedRecord[] = [];
    for (const { id, landmarks, image, thumbnail } of faces) {
      const square = faceSquare(landmarks);
      if (id !== firstId) await this.copyOriginal(firstId, id);
      const record: SampleRecord = {
        category: categoryOf(id),
        metadata,
        image: { ...image, face_landmarks: landmarksInSquare(landmarks, square, IMAGE_SIZE) },
        thumbnail,
        in_the_wild: {
          ...this.describe('wilds', id, photo, original),
          face_rect: faceRect(landmarks),
          face_landmarks: landmarks,
          face_quad: squareCorners(square),
        },
      };
      records.push({ id, record });
    }
    return records;
  }

  private async cutFaces(photo: RgbRaster, faces: readonly PlannedFace[], ids: readonly ImageId[]) {
    const cut = [];
    for (const [position, id] of ids.entries()) {
      const face = faces[position];
      if (face === undefined) break;
      const landmarks = placedLandmarks(face.shape, face.placement);
      const { raster, pixelMd5, png } = await alignDrawnFace(photo, landmarks);
      this.signal?.throwIfAborted();
      const thumbnail = boxShrink(raster, IMAGE_SIZE / THUMBNAIL_SIZE);
      const [writtenImage, writtenThumbnail] = await bothFinished(
        this.writeFile(recordFilePath('images', id), [png]),
        this.writePicture('thumbs', id, thumbnail),
      );
      cut.push({
        id,
        landmarks,
        image: this.describe('images', id, raster, { ...writtenImage, pixelMd5 }),
        thumbnail: this.describe('thumbs', id, thumbnail, writtenThumbnail),
      });
    }
    return cut;
  }

  private async writePicture(
    kind: ImageKind,
    id: ImageId,
    raster: RgbRaster,
    text: { readonly text?: string } = {},
  ): Promise<WrittenPng> {
    const filePath = recordFilePath(kind, id);
    const signal = this.signal ? { signal: this.signal } : {};
    const written = await writePng(join(this.folder, filePath), raster, { ...text, ...signal });
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

  private describe(kind: ImageKind, id: ImageId, raster: RgbRaster, written: WrittenPng): RecordFile {
    const filePath = recordFilePath(kind, id);
    return {
      file_url: driveUrl(sampleId(this.recipe, filePath)),
      file_path: filePath,
      file_size: written.size,
      file_md5: written.md5,
      pixel_size: [raster.width, raster.height],
      pixel_md5: written.pixelMd5,
    };
  }
}

/** Like Promise.all, but a failure is passed on only when nothing is at work any more. */
async function bothFinished<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}

import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ImageId } from '../../domain/dataset/ids.ts';
import { canonicalPath, kindFolders, LICENSE_FILE, MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import type { ImageKind } from '../../domain/kinds.ts';
import type { Size } from '../../domain/raster/picture.ts';
import type { EncodedPicture } from '../picture/encode-picture.ts';
import { manifestPieces } from '../record/manifest-json.ts';
import type { NumberedRecord, RecordFile } from '../record/record.ts';
import { type PictureFile, recordFile } from '../record/record-file.ts';
import { licenseText } from './license-text.ts';
import { describeSample, type MadeFile, type Sample } from './sample.ts';
import { beginStamp, completeStamp, readStamp } from './stamp.ts';
import { type WrittenFile, writePieces } from './write-pieces.ts';

/** The folder of a dataset that is being made, and what was written there so far. */
export class DatasetFolder {
  readonly #folder: string;
  readonly #recipe: string;
  readonly #signal: AbortSignal | undefined;
  readonly #folders = new Map<string, Promise<unknown>>();
  readonly #files: MadeFile[] = [];

  constructor(folder: string, recipe: string, signal: AbortSignal | undefined) {
    this.#folder = folder;
    this.#recipe = recipe;
    this.#signal = signal;
  }

  /** In any order of making, always in the same order here. */
  get files(): readonly MadeFile[] {
    return this.#files.toSorted((a, b) => (a.filePath < b.filePath ? -1 : 1));
  }

  /** The absolute path of a file of the dataset; its folder is there when this resolves. */
  async placeOf(filePath: string): Promise<string> {
    const path = join(this.#folder, filePath);
    const parent = dirname(path);
    const making = this.#folders.get(parent) ?? mkdir(parent, { recursive: true });
    this.#folders.set(parent, making);
    await making;
    return path;
  }

  /** Writes a file of the dataset as a whole. Throws the signal's reason. */
  async write(filePath: string, pieces: Parameters<typeof writePieces>[1]): Promise<WrittenFile> {
    const written = await writePieces(await this.placeOf(filePath), pieces, this.#signal);
    this.#files.push({ filePath, ...written });
    return written;
  }

  /** Writes a picture of the dataset; answers what its record says of it. Throws the signal's reason. */
  async writePicture(
    kind: ImageKind,
    id: ImageId,
    size: Size,
    { png, pixelMd5 }: EncodedPicture,
  ): Promise<RecordFile> {
    const written = await this.write(canonicalPath(kind, id), [png]);
    return recordFile(this.#recipe, kind, id, size, { ...written, pixelMd5 });
  }

  /** The same for a picture that other hands have put in its place. */
  notePicture(kind: ImageKind, id: ImageId, dimensions: Size, file: PictureFile): RecordFile {
    const { size, md5 } = file;
    this.#files.push({ filePath: canonicalPath(kind, id), size, md5 });
    return recordFile(this.#recipe, kind, id, dimensions, file);
  }
}

/** What is made, and where. */
export interface DatasetPlan {
  /** Made if absent; an empty folder or an earlier dataset. */
  readonly folder: string;
  /** Version of the maker and its options: the same recipe makes the same bytes. */
  readonly recipe: string;
  /** How many there will be. */
  readonly records: number;
  readonly kinds: readonly ImageKind[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a dataset: the pictures by `makeRecords`, then the manifest of its records, then the licence texts. A folder that
 * holds the dataset already, every digest right, is only described; a half-made one is made again.
 *
 * @param makeRecords - Writes the pictures and answers their records in the order of their ids.
 * @throws An Error when the folder holds files that no maker put there; what `makeRecords` throws; the signal's reason.
 */
export async function makeDataset(
  plan: DatasetPlan,
  makeRecords: (dataset: DatasetFolder) => AsyncIterable<NumberedRecord> | Promise<Iterable<NumberedRecord>>,
): Promise<Sample> {
  const { recipe, records, kinds, signal } = plan;
  const folder = resolve(plan.folder);
  const earlier = await readStamp(folder, recipe);
  if (earlier) return describeSample(folder, recipe, records, earlier);

  await beginStamp(folder, recipe);
  const dataset = new DatasetFolder(folder, recipe, signal);
  await dataset.write(MANIFEST_FILE, manifestPieces(await makeRecords(dataset)));
  for (const path of [LICENSE_FILE, ...kinds.map((kind) => `${kindFolders[kind]}/${LICENSE_FILE}`)]) {
    await dataset.write(path, [licenseText]);
  }
  await completeStamp(folder, recipe, dataset.files);
  return describeSample(folder, recipe, records, dataset.files);
}

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ImageId, Md5 } from '../domain/dataset/ids.ts';
import type { ImageKind } from '../domain/kinds.ts';
import { writePieces } from './folder/write-pieces.ts';
import { Random } from './random/random.ts';
import { manifestPieces } from './record/manifest-json.ts';
import { plausibleRecord } from './record/plausible-record.ts';
import type { NumberedRecord, RecordFile } from './record/record.ts';
import { recordFile } from './record/record-file.ts';
import { chooseIds, chooseKinds } from './record/selection.ts';

/** Records made before others get a turn. */
const AT_A_TIME = 50;

/** Sizes like the real dataset's: side in pixels, from and to; file bytes, from and to. */
const plausibleSizes = {
  images: { side: [1024, 1024], bytes: [1_000_000, 1_700_000] },
  thumbs: { side: [128, 128], bytes: [24_000, 36_000] },
  wilds: { side: [700, 5000], bytes: [1_000_000, 30_000_000] },
} as const satisfies Record<ImageKind, { side: readonly [number, number]; bytes: readonly [number, number] }>;

export interface ScaleManifestOptions {
  /** The file to write; replaced when it is there. */
  readonly path: string;
  /** Ids 0 to records - 1. Either this or `ids`. */
  readonly records?: number;
  readonly ids?: readonly number[];
  /** Other kinds' fields are left out. @default all */
  readonly kinds?: readonly ImageKind[];
  /** @default 1 */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/**
 * Writes a manifest of any length without pictures: every field plausible, the digests invented.
 *
 * @returns The file's path, digest, size in bytes and number of records.
 * @throws RangeError for ids that cannot be; the signal's reason, and the file is as it was then.
 */
export async function writeScaleManifest(options: ScaleManifestOptions): Promise<{
  readonly path: string;
  readonly md5: Md5;
  readonly bytes: number;
  readonly records: number;
}> {
  const { seed = 1, signal } = options;
  const ids = chooseIds(options);
  const kinds = chooseKinds(options.kinds);

  async function* records(): AsyncGenerator<NumberedRecord> {
    for (const [index, id] of ids.entries()) {
      if (index % AT_A_TIME === 0) await setImmediate();
      const files = kinds.map((kind) => [kind, inventFile(kind, id, seed)] as const);
      yield plausibleRecord(id, seed, Object.fromEntries(files));
    }
  }

  await mkdir(dirname(options.path), { recursive: true });
  const { size, md5 } = await writePieces(options.path, manifestPieces(records()), signal);
  return { path: options.path, md5, bytes: size, records: ids.length };
}

function inventFile(kind: ImageKind, id: ImageId, seed: number): RecordFile {
  const random = new Random(seed, kind.charCodeAt(0), id);
  const { side, bytes } = plausibleSizes[kind];
  const width = Math.floor(random.between(side[0], side[1]));
  const size = Math.floor(random.between(bytes[0], bytes[1]));
  const md5 = random.hex(32) as Md5;
  const height = side[0] === side[1] ? width : Math.floor(random.between(side[0], side[1]));
  const pixelMd5 = random.hex(32) as Md5;
  return recordFile(`scale ${seed}`, kind, id, { width, height }, { size, md5, pixelMd5 });
}

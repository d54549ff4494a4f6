import { folderOf, formatImageId, type ImageId, type Md5, SHARD_SIZE } from '../domain/dataset/ids.ts';
import type { ImageKind } from '../domain/kinds.ts';

/** x and y, in pixels. */
export type Point = readonly [x: number, y: number];

/** Fields of a record in `ffhq-dataset-v2.json`, in the file's own order and spelling. */
export interface SampleRecord {
  readonly category: 'training' | 'validation';
  readonly metadata: RecordMetadata;
  readonly image?: RecordFile & { readonly face_landmarks: readonly Point[] };
  readonly thumbnail?: RecordFile;
  readonly in_the_wild?: RecordFile & {
    /** Left, top, right, bottom. */
    readonly face_rect: readonly number[];
    readonly face_landmarks: readonly Point[];
    readonly face_quad: readonly Point[];
  };
}

export interface RecordMetadata {
  readonly photo_url: string;
  readonly photo_title: string;
  readonly author: string;
  readonly country: string;
  readonly license: string;
  readonly license_url: string;
  readonly date_uploaded: string;
  readonly date_crawled: string;
}

export interface RecordFile {
  readonly file_url: string;
  readonly file_path: string;
  readonly file_size: number;
  readonly file_md5: Md5;
  readonly pixel_size: readonly [width: number, height: number];
  readonly pixel_md5: Md5;
}

/** A record and its key in the manifest. */
export interface NumberedRecord {
  readonly id: ImageId;
  readonly record: SampleRecord;
}

/** The three trees of the reference, by kind. */
export const kindFolders = {
  images: 'images1024x1024',
  thumbs: 'thumbnails128x128',
  wilds: 'in-the-wild-images',
} as const satisfies Record<ImageKind, string>;

/** First id of the validation part of the real dataset. */
export const VALIDATION_START = 60_000;

export function categoryOf(id: ImageId): SampleRecord['category'] {
  return id < VALIDATION_START ? 'training' : 'validation';
}

/** `images1024x1024/00000/00042.png`. */
export function recordFilePath(kind: ImageKind, id: ImageId): string {
  return `${kindFolders[kind]}/${folderOf(id)}/${formatImageId(id)}.png`;
}

/**
 * Ids for a sample: most in the first folder, some in the second, a sixth in the validation part, so that a few
 * records already make several shards and both categories.
 */
export function spreadIds(count: number): ImageId[] {
  const validation = Math.floor(count / 6);
  const second = Math.floor((count - validation) * 0.4);
  const first = count - validation - second;
  const secondStart = Math.ceil(first / SHARD_SIZE) * SHARD_SIZE;
  const range = (from: number, length: number) => Array.from({ length }, (_, i) => (from + i) as ImageId);
  return [...range(0, first), ...range(secondStart, second), ...range(VALIDATION_START, validation)];
}

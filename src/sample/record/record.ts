import type { ImageId, Md5 } from '../../domain/dataset/ids.ts';
import type { Point } from '../../domain/raster/picture.ts';

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

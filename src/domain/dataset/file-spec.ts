import type { Md5 } from './ids.ts';

/** The three kinds of picture; each record of the manifest has at most one file of each. */
export const imageKinds = ['images', 'thumbs', 'wilds'] as const;
export type ImageKind = (typeof imageKinds)[number];

/** Kinds that come in thousand-folders: the pictures to fetch, and the ones that aligning makes of the originals. */
export const shardKinds = [...imageKinds, 'align'] as const;
export type ShardKind = (typeof shardKinds)[number];

/** What a run may be asked for: the reference's task names. The manifest and the licence files come along. */
export const taskKinds = [...imageKinds, 'tfrecords', 'align'] as const;
export type TaskKind = (typeof taskKinds)[number];

export const fileKinds = ['json', 'licenses', ...taskKinds] as const;
export type FileKind = (typeof fileKinds)[number];

/** What the decoded pixels of a PNG must be; `md5` is of the raw bytes, row by row, as NumPy's `array(image)` holds them. */
export interface PixelSpec {
  readonly width: number;
  readonly height: number;
  readonly md5: Md5;
}

/**
 * What a file must be. `size` (bytes) and `md5` are absent only where nobody published them (a licence file or a
 * manifest that the user named by URL).
 */
export interface FileSpec {
  readonly kind: FileKind;
  /** How reports name it: the record's key (`42`) or the file's base name. */
  readonly key: string;
  readonly url: string;
  /** Relative to OUT, with forward slashes; checked by {@link parseFilePath}. */
  readonly path: string;
  readonly size?: number;
  readonly md5?: Md5;
  readonly pixels?: PixelSpec;
}

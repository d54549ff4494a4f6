import type { Crop } from '../../../domain/align/align-spec.ts';
import type { Md5 } from '../../../domain/dataset/ids.ts';
import type { AlignFailure } from '../../../domain/failure/align-failure.ts';

interface Recipe {
  readonly crop: Crop;
  readonly enablePadding: boolean;
  /** Byte for byte as Pillow with classic zlib writes it, in place of the fast encoder. */
  readonly fileIdentical: boolean;
}

/** One face for the pool. */
export interface AlignTask extends Recipe {
  readonly original: { readonly path: string; readonly size?: number; readonly md5?: Md5 };
  /** Where the PNG is written and synced; it must not exist, and its folder must. */
  readonly output: string;
}

export type AlignAnswer =
  | { readonly status: 'aligned'; readonly size: number; readonly md5: Md5; readonly pixelMd5: Md5 }
  | Failed
  /** The file system refused; `code` as Node.js has it. */
  | { readonly status: 'refused'; readonly code: string; readonly message: string };

/** One face as pure computation. */
export interface PictureTask extends Recipe {
  /** The original's file; whether its digest is `md5`, where one is known, is still to be seen. */
  readonly bytes: Uint8Array;
  readonly md5: Md5 | undefined;
}

export type PictureAnswer =
  | { readonly status: 'aligned'; readonly png: Uint8Array; readonly md5: Md5; readonly pixelMd5: Md5 }
  | Failed;

/** One face for a thread: the original lies in memory shared with it; the PNG is written there, and synced by others. */
export type ThreadTask = PictureTask & Pick<AlignTask, 'output'>;

interface Failed {
  readonly status: 'failed';
  readonly failure: AlignFailure;
}

import type { Crop } from '../../domain/align/align-spec.ts';
import type { AlignFailure } from '../../domain/align-failure.ts';
import type { Md5 } from '../../domain/ids.ts';

/** One face for a thread of the pool: paths, digests and geometry; the pixels never leave the thread. */
export interface AlignTask {
  readonly original: { readonly path: string; readonly size?: number; readonly md5?: Md5 };
  readonly crop: Crop;
  readonly enablePadding: boolean;
  /** Byte for byte as Pillow with classic zlib writes it, in place of the fast encoder. */
  readonly fileIdentical: boolean;
  /** Where the PNG is written and synced; it must not exist, and its folder must. */
  readonly output: string;
}

export type AlignAnswer =
  | { readonly status: 'aligned'; readonly size: number; readonly md5: Md5; readonly pixelMd5: Md5 }
  | { readonly status: 'failed'; readonly failure: AlignFailure }
  /** The file system refused; `code` as Node.js has it. */
  | { readonly status: 'refused'; readonly code: string; readonly message: string };

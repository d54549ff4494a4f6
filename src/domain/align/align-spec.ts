import type { FileSpec } from '../dataset/file-spec.ts';
import type { ImageId, Md5 } from '../dataset/ids.ts';
import type { AlignFailure } from '../failure/align-failure.ts';
import type { Quad } from '../raster/picture.ts';

/** Side of an aligned picture, and of the square that the quad is sampled to before it is made smaller. */
export const OUTPUT_SIZE = 1024;
export const TRANSFORM_SIZE = 4096;

/** What is put aside on the disk for a picture whose size nobody published; the official ones have 1.37 MB on average. */
const USUAL_BYTES = 1_400_000;

/** Where a face lies in its original: corners in original pixels, and the quad's side. */
export interface Crop {
  readonly quad: Quad;
  readonly size: number;
}

/** One face to align: a line of the crop files. */
export interface AlignSpec {
  readonly id: ImageId;
  /** Below the folder of aligned pictures. */
  readonly output: string;
  readonly original: Pick<FileSpec, 'path' | 'size' | 'md5'>;
  readonly crop: Crop | AlignFailure;
  /** The published picture, where there is one to compare with. */
  readonly expected?: { readonly pixelMd5: Md5; readonly md5?: Md5; readonly size?: number };
}

export function isCrop(crop: Crop | AlignFailure): crop is Crop {
  return 'quad' in crop;
}

/** Bytes that an aligned picture counts for in plans and progress: the published file's, or the usual. */
export function alignedBytes({ expected }: AlignSpec): number {
  return expected?.size ?? USUAL_BYTES;
}

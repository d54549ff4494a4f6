import type { FileKind } from '../kinds.ts';
import type { Md5 } from './ids.ts';

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
  /** Another lossless encoding of the picture serves too: what counts then are its pixels. */
  readonly accepts?: 'pixels';
  /** Asked for in whatever encoding there is ({@link inAnyEncoding}): MD5 of the published file that it stands for. */
  readonly standsFor?: Md5;
  /** Of a file of records, all of one length: bytes of each, with its frame. */
  readonly recordBytes?: number;
}

/** Most bytes of a file whose size nobody published: a manifest four times the official one, a licence of 300 pages. */
const mostUnknown: Readonly<Partial<Record<FileKind, number>>> = { json: 1024 ** 3, licenses: 1024 ** 2 };

/** How many bytes of a file are taken at most: its size, or, where nobody published that, what its kind may have. */
export function mostBytes(spec: Pick<FileSpec, 'kind' | 'size' | 'pixels' | 'accepts'>): number {
  const { kind, size, pixels, accepts } = spec;
  if (accepts === 'pixels' && pixels !== undefined) return Math.max(size ?? 0, mostEncodedBytes(pixels));
  return size ?? mostUnknown[kind] ?? Number.POSITIVE_INFINITY;
}

/** Beyond its pixels: an encoding that only frames them, with some metadata, is no larger. */
const FRAME_BYTES = 64 * 1024;

/** Most bytes of any encoding of a picture: four for each pixel, and something for its frame. */
export function mostEncodedBytes({ width, height }: Pick<PixelSpec, 'width' | 'height'>): number {
  return 4 * width * height + FRAME_BYTES;
}

/** The picture of a file in whatever encoding a source has it: size and MD5 of that nobody knows. */
export function inAnyEncoding<Spec extends FileSpec>({
  size: _,
  md5,
  ...picture
}: Spec): Omit<Spec, 'size' | 'md5'> {
  return { ...picture, ...(md5 === undefined ? {} : { standsFor: md5 }) };
}

/** A file as a run asks for it. */
export function asAccepted<Spec extends FileSpec>(
  spec: Spec,
  { accept }: { readonly accept?: 'pixels' | undefined },
): Spec {
  return accept === 'pixels' && spec.pixels !== undefined ? { ...spec, accepts: accept } : spec;
}

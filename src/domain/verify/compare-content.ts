/** Compares what is on the disk with what the manifest promises; no I/O. */

import type { FileSpec } from '../dataset/file-spec.ts';
import type { Md5 } from '../dataset/ids.ts';
import type { ContentFailureReason } from '../failure/content-failure.ts';

/** What was seen of a file's bytes on the disk. */
export interface SeenContent {
  readonly size: number;
  readonly md5: Md5;
  readonly pixelMd5?: Md5;
}

export interface ContentFailure {
  readonly reason: ContentFailureReason;
  readonly detail: string;
}

/** Pictures above this are refused undecoded; the largest that must decode has 200 megapixels. */
export const MAX_PIXELS = 256_000_000;

export function compareSize(spec: FileSpec, size: number): ContentFailure | undefined {
  if (spec.size === undefined || spec.size === size) return undefined;
  return { reason: 'wrong-size', detail: `${spec.path}: expected ${spec.size} bytes, got ${size}` };
}

export function compareMd5(spec: FileSpec, md5: Md5): ContentFailure | undefined {
  if (spec.md5 === undefined || spec.md5 === md5) return undefined;
  return { reason: 'wrong-md5', detail: `${spec.path}: expected file MD5 ${spec.md5}, got ${md5}` };
}

/** The first 33 bytes of a PNG: signature and IHDR. */
export const PNG_HEADER_BYTES = 33;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** PNG colour type: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha. */
  readonly colourType: number;
  readonly interlaced: boolean;
}

export function parsePngHeader(bytes: Uint8Array): PngHeader | undefined {
  if (bytes.length < PNG_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a;
  if (!isPng || view.getUint32(12) !== 0x49484452) return undefined;
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bitDepth: view.getUint8(24),
    colourType: view.getUint8(25),
    interlaced: view.getUint8(28) !== 0,
  };
}

/**
 * Channels of the raw pixels as the reference's `numpy.array(image)` has them, or undefined for kinds that it would
 * not hash as plain 8-bit samples (palette, 16 bit), and for grey with alpha, which the decoder does not give as two
 * channels and no face photo has.
 */
export function rawChannels(header: PngHeader): 1 | 3 | 4 | undefined {
  if (header.bitDepth !== 8) return undefined;
  switch (header.colourType) {
    case 0:
      return 1;
    case 2:
      return 3;
    case 6:
      return 4;
    default:
      return undefined;
  }
}

/** Judges a PNG by its header alone, before anything is decoded: a decompression bomb ends here. */
export function comparePngHeader(
  spec: FileSpec & Required<Pick<FileSpec, 'pixels'>>,
  header: PngHeader | undefined,
): ContentFailure | undefined {
  const { width, height } = spec.pixels;
  if (header === undefined)
    return { reason: 'not-a-png', detail: `${spec.path}: expected a PNG, got other bytes` };
  if (header.width !== width || header.height !== height) {
    return {
      reason: 'wrong-pixel-size',
      detail: `${spec.path}: expected ${width}x${height} pixels, got ${header.width}x${header.height}`,
    };
  }
  if (width * height > MAX_PIXELS) {
    return {
      reason: 'too-many-pixels',
      detail: `${spec.path}: expected at most ${MAX_PIXELS} pixels, got ${width}x${height}`,
    };
  }
  if (rawChannels(header) === undefined) {
    return {
      reason: 'unsupported-png',
      detail: `${spec.path}: expected 8-bit grey or RGB, got colour type ${header.colourType} with ${header.bitDepth} bits`,
    };
  }
  return undefined;
}

export function comparePixelMd5(
  spec: FileSpec & Required<Pick<FileSpec, 'pixels'>>,
  md5: Md5,
): ContentFailure | undefined {
  if (spec.pixels.md5 === md5) return undefined;
  return {
    reason: 'wrong-pixel-md5',
    detail: `${spec.path}: expected pixel MD5 ${spec.pixels.md5}, got ${md5}`,
  };
}

/** One line of `.ffhq/verified`: this project saw these bytes under this name. */
export interface VerificationRecord {
  readonly file: string;
  readonly size: number;
  /** Nanoseconds since the epoch, in decimal: more than a double holds. */
  readonly mtime: string;
  readonly md5: Md5;
  readonly pixelMd5?: Md5;
  /** `discarded`: an original that is no longer needed, and no longer there. */
  readonly how: 'stored' | 'adopted' | 'discarded';
  /** Of an aligned picture: digest of everything that it was made by. */
  readonly recipe?: Md5;
  /** First Run Id of the run that saw it. */
  readonly run: string;
  /** ISO 8601; for people, no decision rests on a clock. */
  readonly at: string;
}

export function isVerificationRecord(value: unknown): value is VerificationRecord {
  if (value === null || typeof value !== 'object') return false;
  const record = value as Record<string, unknown>;
  return (
    typeof record.file === 'string' &&
    typeof record.size === 'number' &&
    typeof record.mtime === 'string' &&
    typeof record.md5 === 'string' &&
    (record.how === 'stored' || record.how === 'adopted' || record.how === 'discarded') &&
    typeof record.run === 'string'
  );
}

/** Is the file, as it lies there now, one that a record vouches for, and the one that the manifest wants? */
export function isVouchedFor(
  spec: FileSpec,
  records: readonly VerificationRecord[] | undefined,
  onDisk: { readonly size: number; readonly mtime: string },
): VerificationRecord | undefined {
  if (compareSize(spec, onDisk.size) !== undefined) return undefined;
  return records?.findLast(
    (record) =>
      record.how !== 'discarded' &&
      record.size === onDisk.size &&
      record.mtime === onDisk.mtime &&
      (spec.md5 === undefined || record.md5 === spec.md5) &&
      (spec.pixels === undefined || record.pixelMd5 === spec.pixels.md5),
  );
}

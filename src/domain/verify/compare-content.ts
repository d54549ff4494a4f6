/** Compares what is on the disk with what the manifest promises; no I/O. */

import type { FileSpec } from '../dataset/file-spec.ts';
import type { Md5 } from '../dataset/ids.ts';
import type { ContentFailureReason } from '../failure/content-failure.ts';
import { MAX_PIXELS, type PngHeader, rawChannels } from '../png/png-header.ts';

/** What was seen of a file's bytes on the disk. */
export interface SeenContent {
  readonly size: number;
  readonly md5: Md5;
  readonly pixelMd5?: Md5;
  /** It is not the very file: another encoding, taken by its pixels. */
  readonly accepted?: 'pixels';
}

export interface ContentFailure {
  readonly reason: ContentFailureReason;
  readonly detail: string;
}

export function compareSize(spec: FileSpec, size: number): ContentFailure | undefined {
  if (spec.size === undefined || spec.size === size) return undefined;
  return { reason: 'wrong-size', detail: `${spec.path}: expected ${spec.size} bytes, got ${size}` };
}

export function compareMd5(spec: FileSpec, md5: Md5): ContentFailure | undefined {
  if (spec.md5 === undefined || spec.md5 === md5) return undefined;
  return { reason: 'wrong-md5', detail: `${spec.path}: expected file MD5 ${spec.md5}, got ${md5}` };
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

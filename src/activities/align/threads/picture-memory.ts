import { alignMemory } from '../../../domain/align/align-memory.ts';
import { photoSize, type ReadAt } from '../../../domain/png/photo-size.ts';
import { MAX_PIXELS, PNG_HEADER_BYTES, parsePngHeader } from '../../../domain/png/png-header.ts';
import type { Size } from '../../../domain/raster/picture.ts';
import { decodingBytes } from '../../png/decode-photo.ts';
import { isPlainRgb } from '../../png/read-rows.ts';
import { inflatedAtOnce } from '../../png/read-rows-at-once.ts';
import type { AlignTask } from './align-task.ts';

/** What a picture will take, as far as its first bytes tell. */
export interface PictureNeeds {
  /** Of the original's file, its decoding and aligning together. */
  readonly bytes: number;
  /** The usual PNG, of which no more is decoded than the face needs. */
  readonly isPlain: boolean;
}

/** Bytes a pixel that libvips takes for a JPEG or a WebP, progressive ones included. */
const PHOTO_BYTES = 9;

export async function pictureNeeds(
  { crop, enablePadding }: AlignTask,
  fileBytes: number,
  read: ReadAt,
): Promise<PictureNeeds> {
  const header = parsePngHeader(await read(0, PNG_HEADER_BYTES));
  const isPlain = header !== undefined && isPlainRgb(header);
  const size: Size | undefined = header ?? (await photoSize(read));
  // It will be refused undecoded.
  if (size === undefined || size.width * size.height > MAX_PIXELS) return { bytes: fileBytes, isPlain };
  const decoded = isPlain
    ? inflatedAtOnce(header)
    : header === undefined
      ? PHOTO_BYTES * size.width * size.height
      : decodingBytes(header, 3);
  return { bytes: fileBytes + decoded + alignMemory(crop, size, enablePadding), isPlain };
}

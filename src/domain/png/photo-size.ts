import type { Size } from '../raster/picture.ts';
import { PNG_HEADER_BYTES, parsePngHeader } from './png-header.ts';

/** So many bytes of a file from a place on, or as many as there are. */
export type ReadAt = (at: number, length: number) => Promise<Uint8Array>;

/** Segments before a JPEG's picture: profiles and words in pieces of 64 KiB. More are somebody's trick. */
const MOST_SEGMENTS = 2_000;
/** A segment's marker and length, and of a frame's also its precision and size. */
const SEGMENT_BYTES = 9;
const WEBP_BYTES = 30;

/**
 * Width and height of a PNG, JPEG or WebP as its file tells them, before any decoder sees it; undefined: it is another kind of
 * file, or does not tell.
 */
export async function photoSize(read: ReadAt): Promise<Size | undefined> {
  const head = await read(0, PNG_HEADER_BYTES);
  if (head.length >= 3 && head[0] === 0xff && head[1] === 0xd8) return jpegSize(read);
  const png = parsePngHeader(head);
  if (png !== undefined) return { width: png.width, height: png.height };
  return head.length >= WEBP_BYTES ? webpSize(head) : undefined;
}

async function jpegSize(read: ReadAt): Promise<Size | undefined> {
  let at = 2;
  for (let segments = 0; segments < MOST_SEGMENTS; segments++) {
    const bytes = await read(at, SEGMENT_BYTES);
    if (bytes.length < SEGMENT_BYTES || bytes[0] !== 0xff) return undefined;
    const marker = bytes[1] as number;
    // A marker may have bytes of 255 before it, and some stand alone.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    // The picture begins, or it is over.
    if (marker === 0xda || marker === 0xd9 || marker < 0xc0) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (isFrame(marker)) return sizeOf(view.getUint16(7), view.getUint16(5));
    at += 2 + view.getUint16(2);
  }
  return undefined;
}

/** Of all markers from SOF0 to SOF15 but those of tables: DHT, JPG and DAC. */
function isFrame(marker: number): boolean {
  return marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function webpSize(head: Uint8Array): Size | undefined {
  const tag = (at: number) => String.fromCharCode(...head.subarray(at, at + 4));
  if (tag(0) !== 'RIFF' || tag(8) !== 'WEBP') return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  switch (tag(12)) {
    case 'VP8X':
      return sizeOf(1 + (view.getUint32(24, true) & 0xffffff), 1 + (view.getUint32(26, true) >>> 8));
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return sizeOf(1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
    }
    case 'VP8 ':
      return sizeOf(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
    default:
      return undefined;
  }
}

function sizeOf(width: number, height: number): Size | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}

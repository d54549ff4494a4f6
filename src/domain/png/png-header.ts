/** Pictures above this are refused undecoded; the largest that must decode has 200 megapixels. */
export const MAX_PIXELS = 256_000_000;

/** The first 33 bytes of a PNG: signature and IHDR. */
export const PNG_HEADER_BYTES = 33;

const IHDR_BYTES = 13;

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  /** PNG colour type: 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGB + alpha. */
  readonly colourType: number;
  readonly interlaced: boolean;
}

/** What a file's first {@link PNG_HEADER_BYTES} say of it; undefined: it is no PNG, or there are fewer. */
export function parsePngHeader(bytes: Uint8Array): PngHeader | undefined {
  if (bytes.length < PNG_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isPng = view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a;
  if (!isPng || view.getUint32(8) !== IHDR_BYTES || view.getUint32(12) !== 0x49484452) return undefined;
  // The format has one way to compress, one set of filters, and two orders of rows.
  if (view.getUint8(26) !== 0 || view.getUint8(27) !== 0 || view.getUint8(28) > 1) return undefined;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  // The format has no picture without pixels.
  if (width === 0 || height === 0) return undefined;
  return {
    width,
    height,
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

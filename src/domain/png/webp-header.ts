/** What a WebP's chunks say of it before anything is decoded. */
export interface WebpHeader {
  readonly width: number;
  readonly height: number;
}

/** "expected ..., got ..."; `isLossy`: a picture, of which something was lost. */
export interface WebpProblem {
  readonly problem: string;
  readonly isLossy?: true;
}

/** Chunks before the picture: colour profile and what else the format knows; more are somebody's trick. */
const MOST_CHUNKS = 16;
const RIFF_BYTES = 12;
const CHUNK_BYTES = 8;
const ANIMATED = 0x02;

/**
 * Reads a WebP that is one still, lossless, opaque picture; says of any other what it is instead. Looks at its chunks'
 * heads alone, and at no more of them than {@link MOST_CHUNKS}.
 */
export function readWebpHeader(bytes: Uint8Array): WebpHeader | WebpProblem {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < RIFF_BYTES || tag(bytes, 0) !== 'RIFF' || tag(bytes, 8) !== 'WEBP')
    return { problem: 'expected a WebP, got other bytes' };
  const end = CHUNK_BYTES + view.getUint32(4, true);
  if (end !== bytes.length) return { problem: `expected a WebP of ${end} bytes, got ${bytes.length}` };
  let canvas: WebpHeader | undefined;
  let at = RIFF_BYTES;
  for (let chunks = 0; chunks < MOST_CHUNKS && at + CHUNK_BYTES <= end; chunks++) {
    const size = view.getUint32(at + 4, true);
    const data = at + CHUNK_BYTES;
    if (data + size > end)
      return { problem: 'expected a chunk within the WebP, got one that ends behind it' };
    switch (tag(bytes, at)) {
      case 'VP8 ':
      case 'ALPH':
        return { problem: 'expected a lossless WebP, got a lossy one', isLossy: true };
      case 'VP8L': {
        const header = size < 5 ? undefined : losslessHeader(view, data);
        if (header === undefined) return { problem: 'expected a lossless, opaque WebP, got another kind' };
        const isOfCanvas =
          canvas === undefined || (canvas.width === header.width && canvas.height === header.height);
        return isOfCanvas ? header : { problem: 'expected a picture of the size of its canvas, got another' };
      }
      case 'VP8X':
        if (canvas !== undefined || size < 10) return { problem: 'expected a WebP, got chunks out of order' };
        if ((view.getUint8(data) & ANIMATED) !== 0)
          return { problem: 'expected a still WebP, got an animated one' };
        canvas = { width: 1 + uint24(view, data + 4), height: 1 + uint24(view, data + 7) };
        break;
      case 'ANIM':
      case 'ANMF':
        return { problem: 'expected a still WebP, got an animated one' };
      default:
    }
    at = data + size + (size % 2);
  }
  return { problem: 'expected a WebP with a picture, got none' };
}

/** 14 bits each of width and height, less one; then whether alpha is used, and the version, which is 0. */
function losslessHeader(view: DataView, at: number): WebpHeader | undefined {
  if (view.getUint8(at) !== 0x2f) return undefined;
  const bits = view.getUint32(at + 1, true);
  if (bits >>> 28 !== 0) return undefined;
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
}

function tag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

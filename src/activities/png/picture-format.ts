/** Bytes of a file that tell its format. */
const FORMAT_BYTES = 64;

const wanted = ['PNG', 'JPEG', 'WebP'] as const;

/** What photographs may be: whatever else a decoder could read is refused before one sees it. */
export type PictureFormat = (typeof wanted)[number];

/** A picture, or what calls itself one, that is not decoded. */
export class UnsupportedPictureError extends Error {
  override readonly name = 'UnsupportedPictureError';
  /** Of a known format, so that it may well be whole. */
  readonly isPicture: boolean;

  constructor(message: string, isPicture: boolean) {
    super(message);
    this.isPicture = isPicture;
  }
}

/** By its first bytes, whatever the file is called. Throws an {@link UnsupportedPictureError} that names what it is instead. */
export function pictureFormat(bytes: Uint8Array): PictureFormat {
  const head = Buffer.from(bytes.subarray(0, FORMAT_BYTES)).toString('hex');
  const found = formats.find(([, begin]) => begin.test(head))?.[0];
  const format = wanted.find((name) => name === found);
  if (format !== undefined) return format;
  const got = found ?? 'another kind of file';
  throw new UnsupportedPictureError(`expected PNG, JPEG or WebP, got ${got}`, found !== undefined);
}

/** By first bytes in hexadecimal digits. */
const formats: readonly (readonly [string, RegExp])[] = [
  ['PNG', /^89504e470d0a1a0a/],
  ['JPEG', /^ffd8ff/],
  ['WebP', /^52494646.{8}57454250/],
  ['GIF', /^47494638/],
  ['TIFF', /^(4949(2a|2b)00|4d4d00(2a|2b))/],
  ['HEIF or AVIF', /^.{8}66747970/],
  ['JPEG XL', /^(ff0a|0000000c4a584c20)/],
  ['JPEG 2000', /^(0000000c6a502020|ff4fff51)/],
  ['BMP', /^424d/],
  ['PDF', /^25504446/],
  // White space, then <?xml, <svg or <!
  ['SVG', /^(efbbbf)?(20|09|0a|0d)*3c(3f786d6c|737667|21)/],
  ['a gzip file, as SVGZ is', /^1f8b/],
];

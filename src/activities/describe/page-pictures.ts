import type { PagePictures } from '../../domain/rights/show/record-page.ts';
import type { ShownFile } from '../../domain/rights/show/shown-record.ts';
import { atFile, pathIn } from '../folders/held-folder.ts';
import { isMisleading, readBytes } from '../folders/real-file.ts';
import { smallJpeg } from '../png/decode-photo.ts';
import { UnsupportedPictureError } from '../png/picture-format.ts';
import { UndecodablePngError } from '../png/undecodable-png.ts';

/** Pixels of the longer side: enough to look at, few enough for a page. */
const LONGEST = 1_200;

/** The largest originals of the dataset have less than half of it. */
const MOST_BYTES = 256 * 1024 ** 2;

/** The pictures of a record as they lie in the folder, made small: no byte of theirs gets into the page as it is. */
export async function pagePictures(out: string, files: readonly ShownFile[]): Promise<PagePictures> {
  const of = (kind: ShownFile['kind']) =>
    files.find((file) => file.kind === kind && ['there', 'other size'].includes(file.place));
  const pictureOf = async (file: ShownFile | undefined): Promise<string | undefined> => {
    if (file === undefined) return undefined;
    try {
      const bytes = await atFile(pathIn(out, file.path), (path) => readBytes(path, MOST_BYTES));
      const jpeg = await smallJpeg(bytes, { longest: LONGEST, quality: 88 });
      return jpeg.toString('base64');
    } catch (error) {
      const isNone = error instanceof UndecodablePngError || error instanceof UnsupportedPictureError;
      if (isNone || isMisleading(error)) return undefined;
      throw error;
    }
  };
  const original = of('wilds');
  const base64 = await pictureOf(original);
  const crop = await pictureOf(of('images') ?? of('align'));
  const thumbnail = await pictureOf(of('thumbs'));
  return {
    ...(original?.expected === undefined || base64 === undefined
      ? {}
      : { original: { base64, width: original.expected.width, height: original.expected.height } }),
    ...(crop === undefined ? {} : { crop }),
    ...(thumbnail === undefined ? {} : { thumbnail }),
  };
}

import type { FacePicture } from '../../domain/page/run-facts.ts';
import { atFile, pathIn } from '../folders/held-folder.ts';
import { readBytes } from '../folders/real-file.ts';
import { smallJpeg } from '../png/decode-photo.ts';
import type { FacePath } from './folder-content.ts';

/** An aligned picture has 1.3 MB; a larger file is none. */
const MOST_BYTES = 16 * 1024 ** 2;

/** As large as the dataset's thumbnails; a face of the dataset has a million pixels. */
const SMALL = { longest: 128, quality: 82, mostPixels: 4096 * 4096 };

/**
 * The pictures, each drawn anew in a few KB: nothing of a file but its pixels comes into the page. What is no picture, or is
 * gone by now, is left out.
 */
export async function contactSheetOf(
  folder: string,
  faces: readonly FacePath[],
  signal: AbortSignal,
): Promise<readonly FacePicture[]> {
  const pictures: FacePicture[] = [];
  for (const { name, path } of faces) {
    signal.throwIfAborted();
    try {
      const bytes = await atFile(pathIn(folder, path), (file) => readBytes(file, MOST_BYTES));
      const base64 = (await smallJpeg(bytes, SMALL)).toString('base64');
      pictures.push({ name, base64, type: 'image/jpeg' });
    } catch {
      // Whoever wants to know why asks `ffhq verify`.
    }
  }
  return pictures;
}

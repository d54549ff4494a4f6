import { constants, open } from 'node:fs/promises';
import { photoSize } from '../../domain/png/photo-size.ts';
import { readerOf } from '../folders/read-at.ts';

/** Width and height of a picture file, or undefined where it is none that can be read. EXIF orientation does not count. */
export async function pictureSize(
  path: string,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  // Not to wait for somebody to write into what turns out to be a pipe.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    return await photoSize(readerOf(handle));
  } finally {
    await handle.close();
  }
}

import { open } from 'node:fs/promises';
import { PNG_HEADER_BYTES, parsePngHeader } from '../../domain/png/png-header.ts';
import { sizeOfPhoto } from '../png/decode-photo.ts';

/** Width and height of a picture file, or undefined where it is none that can be read. EXIF orientation does not count. */
export async function pictureSize(
  path: string,
): Promise<{ readonly width: number; readonly height: number } | undefined> {
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(PNG_HEADER_BYTES);
    await handle.read(buffer, 0, buffer.length, 0);
    return parsePngHeader(buffer) ?? (await sizeOfPhoto(path));
  } finally {
    await handle.close();
  }
}

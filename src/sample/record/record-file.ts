import type { ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { canonicalPath } from '../../domain/dataset/layout.ts';
import { driveUrl } from '../../domain/dataset/reference-files.ts';
import type { ImageKind } from '../../domain/kinds.ts';
import type { Size } from '../../domain/raster/picture.ts';
import type { RecordFile } from './record.ts';
import { sampleId } from './sample-id.ts';

/** What is known of a picture's file. `size`: bytes. */
export interface PictureFile {
  readonly size: number;
  readonly md5: Md5;
  readonly pixelMd5: Md5;
}

/** What a record says of a picture; its path and its URL follow from the recipe, the kind and the id. */
export function recordFile(
  recipe: string,
  kind: ImageKind,
  id: ImageId,
  { width, height }: Size,
  { size, md5, pixelMd5 }: PictureFile,
): RecordFile {
  const path = canonicalPath(kind, id);
  return {
    file_url: driveUrl(sampleId(recipe, path)),
    file_path: path,
    file_size: size,
    file_md5: md5,
    pixel_size: [width, height],
    pixel_md5: pixelMd5,
  };
}

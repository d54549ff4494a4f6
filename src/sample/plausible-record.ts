import { type ImageId, MAX_IMAGE_ID } from '../domain/dataset/ids.ts';
import { type ImageKind, imageKinds } from '../domain/kinds.ts';
import {
  faceRect,
  faceSquare,
  landmarksInSquare,
  placedLandmarks,
  squareCorners,
} from './face/face-geometry.ts';
import { randomShape } from './face/face-shape.ts';
import { inventMetadata } from './invent-metadata.ts';
import { Random } from './random.ts';
import { categoryOf, type NumberedRecord, type RecordFile } from './record.ts';

/** A whole record around the given files: metadata and a face's landmarks that nobody drew. */
export function plausibleRecord(
  id: ImageId,
  seed: number,
  files: Readonly<Partial<Record<ImageKind, RecordFile>>>,
): NumberedRecord {
  const random = new Random(seed, 0x66616365, id);
  const [width, height] = files.wilds?.pixel_size ?? [1000, 1000];
  const landmarks = placedLandmarks(randomShape(random), {
    x: width * random.between(0.35, 0.65),
    y: height * random.between(0.3, 0.5),
    eyeDistance: Math.min(width, height) * random.between(0.08, 0.2),
    tilt: random.between(-0.15, 0.15),
  });
  const square = faceSquare(landmarks);
  const { images, thumbs, wilds } = files;
  return {
    id,
    record: {
      category: categoryOf(id),
      metadata: inventMetadata(seed, id, 'as in FFHQ'),
      ...(images && {
        image: { ...images, face_landmarks: landmarksInSquare(landmarks, square, images.pixel_size[0]) },
      }),
      ...(thumbs && { thumbnail: thumbs }),
      ...(wilds && {
        in_the_wild: {
          ...wilds,
          face_rect: faceRect(landmarks),
          face_landmarks: landmarks,
          face_quad: squareCorners(square),
        },
      }),
    },
  };
}

/** The ids asked for: so many from 0 on, or a list, which must ascend and may have gaps. */
export function chooseIds(options: {
  readonly records?: number | undefined;
  readonly ids?: readonly number[] | undefined;
}): ImageId[] {
  const ids = options.ids ?? Array.from({ length: options.records ?? 0 }, (_, index) => index);
  let before = -1;
  for (const id of ids) {
    if (!Number.isInteger(id) || id <= before || id > MAX_IMAGE_ID) {
      throw new RangeError(
        `dataset ids [id=${id}]: expected ascending integers up to ${MAX_IMAGE_ID}, got ${id}`,
      );
    }
    before = id;
  }
  if (ids.length === 0) throw new RangeError('dataset ids: expected records or ids, got none');
  return ids as readonly number[] as ImageId[];
}

/** In the order of `imageKinds`, without repeats. @default all */
export function chooseKinds(kinds: readonly ImageKind[] = imageKinds): ImageKind[] {
  return imageKinds.filter((kind) => kinds.includes(kind));
}

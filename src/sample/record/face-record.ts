import type { ImageId } from '../../domain/dataset/ids.ts';
import type { ImageKind } from '../../domain/kinds.ts';
import type { Point } from '../../domain/raster/picture.ts';
import { faceRect, faceSquare, landmarksInSquare, squareCorners } from '../face/face-geometry.ts';
import type { NumberedRecord, RecordFile, RecordMetadata } from './record.ts';
import { VALIDATION_START } from './selection.ts';

/**
 * The record of one face.
 *
 * @param landmarks - 68 points, in pixels of the original; the rest of the face's geometry is computed from them.
 * @param files - Kinds that are absent are left out of the record.
 */
export function faceRecord(
  id: ImageId,
  metadata: RecordMetadata,
  landmarks: readonly Point[],
  { images, thumbs, wilds }: Readonly<Partial<Record<ImageKind, RecordFile>>>,
): NumberedRecord {
  const square = faceSquare(landmarks);
  return {
    id,
    record: {
      category: id < VALIDATION_START ? 'training' : 'validation',
      metadata,
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

import type { ImageId } from '../../domain/dataset/ids.ts';
import type { ImageKind } from '../../domain/kinds.ts';
import { placedLandmarks } from '../face/face-geometry.ts';
import { randomShape } from '../face/face-shape.ts';
import { Random } from '../random/random.ts';
import { faceRecord } from './face-record.ts';
import { inventMetadata } from './invent-metadata.ts';
import type { NumberedRecord, RecordFile } from './record.ts';

/** A whole record around the given files: metadata and landmarks of a face that nobody drew. */
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
  return faceRecord(id, inventMetadata(seed, id, 'as in FFHQ'), landmarks, files);
}

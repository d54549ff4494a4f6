import { type FaceFrame, faceFrame, quadAbout } from '../../domain/align/crop-quad.ts';
import { facePoints } from '../../domain/align/landmarks.ts';
import type { Point } from '../../domain/raster/picture.ts';
import { type FaceShape, shapeLandmarks } from './face-shape.ts';

/** Where a face is in its photo. */
export interface Placement {
  /** The face units' origin, in pixels. */
  readonly x: number;
  readonly y: number;
  /** Pixels per face unit: the distance between the eyes. */
  readonly eyeDistance: number;
  /** Tangent of half the angle of rotation, clockwise. */
  readonly tilt: number;
}

/** Cosine and sine of a tilt, by arithmetic that is exact to the same digit everywhere. */
export function rotationOf(tilt: number): { readonly cos: number; readonly sin: number } {
  const n = 1 + tilt * tilt;
  return { cos: (1 - tilt * tilt) / n, sin: (2 * tilt) / n };
}

/** Two decimals, as in the real manifest; a negative zero becomes 0. */
function hundredths(value: number): number {
  return Math.round(value * 100) / 100 + 0;
}

/** The landmarks of a placed face, in the photo's pixels. */
export function placedLandmarks(shape: FaceShape, placement: Placement): Point[] {
  const { cos, sin } = rotationOf(placement.tilt);
  const size = placement.eyeDistance;
  return shapeLandmarks(shape).map(([x, y]) => [
    hundredths(placement.x + size * (x * cos - y * sin)),
    hundredths(placement.y + size * (x * sin + y * cos)),
  ]);
}

/**
 * The square that the dataset's recipe chooses for 68 landmarks: as wide as the eyes and the mouth ask for.
 *
 * @throws RangeError where these are not 68 landmarks.
 */
export function faceSquare(landmarks: readonly Point[]): FaceFrame {
  const points = facePoints(landmarks);
  if (points === undefined) throw new RangeError(`face: expected 68 landmarks, got ${landmarks.length}`);
  return faceFrame(points, true);
}

/** Corners in the manifest's order: top left, bottom left, bottom right, top right of the upright face. */
export function squareCorners({ centre, half }: FaceFrame): Point[] {
  return quadAbout(centre, half).map(([x, y]) => [hundredths(x), hundredths(y)]);
}

/** Landmarks of the photo as they lie in the square, when that is an image of `size` pixels a side. */
export function landmarksInSquare(landmarks: readonly Point[], square: FaceFrame, size: number): Point[] {
  const [hx, hy] = square.half;
  const perUnit = size / 2 / (hx * hx + hy * hy);
  return landmarks.map(([x, y]) => {
    const [dx, dy] = [x - square.centre[0], y - square.centre[1]];
    return [
      hundredths(size / 2 - 0.5 + (dx * hx + dy * hy) * perUnit),
      hundredths(size / 2 - 0.5 + (dy * hx - dx * hy) * perUnit),
    ];
  });
}

/** A detector's square around the landmarks: left, top, right, bottom; may reach over the border. */
export function faceRect(landmarks: readonly Point[]): number[] {
  const xs = landmarks.map(([x]) => x);
  const ys = landmarks.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const half = Math.max(right - left, bottom - top) / 2;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return [x - half, y - half, x + half, y + half].map((edge) => Math.round(edge) + 0);
}

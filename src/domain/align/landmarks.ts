import type { Point } from '../raster/picture.ts';

/** The points of dlib's 68-point model that the recipe uses, averaged. */
export interface FacePoints {
  readonly eyeLeft: Point;
  readonly eyeRight: Point;
  readonly mouthLeft: Point;
  readonly mouthRight: Point;
}

const LANDMARKS = 68;

/** Undefined where these are not 68 pairs of finite numbers. */
export function facePoints(landmarks: unknown): FacePoints | undefined {
  if (!Array.isArray(landmarks) || landmarks.length !== LANDMARKS) return undefined;
  const points: Point[] = [];
  for (const pair of landmarks) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    const [x, y] = pair as readonly unknown[];
    if (typeof x !== 'number' || typeof y !== 'number') return undefined;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return undefined;
    points.push([x, y]);
  }
  const [mouthLeft, mouthRight] = [points[48], points[54]];
  if (mouthLeft === undefined || mouthRight === undefined) return undefined;
  return {
    eyeLeft: meanOf(points.slice(36, 42)),
    eyeRight: meanOf(points.slice(42, 48)),
    mouthLeft,
    mouthRight,
  };
}

/** From left to right, then divided: NumPy's mean along the first axis. */
function meanOf(points: readonly Point[]): Point {
  let [x, y] = points[0] ?? [0, 0];
  for (const [nextX, nextY] of points.slice(1)) {
    x += nextX;
    y += nextY;
  }
  return [x / points.length, y / points.length];
}

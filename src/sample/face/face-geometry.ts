import type { Point } from '../record.ts';
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
export function hundredths(value: number): number {
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

/** An oriented square by its centre and half-side vector; the other half-side is (-y, x). */
export interface FaceSquare {
  readonly centre: Point;
  readonly half: Point;
}

function mean(points: readonly Point[]): Point {
  let [x, y] = [0, 0];
  for (const point of points) {
    x += point[0];
    y += point[1];
  }
  return [x / points.length, y / points.length];
}

/** The crop that the dataset's recipe chooses for 68 landmarks: as wide as the eyes and the mouth ask for. */
export function faceSquare(landmarks: readonly Point[]): FaceSquare {
  const eyeLeft = mean(landmarks.slice(36, 42));
  const eyeRight = mean(landmarks.slice(42, 48));
  const eyes = mean([eyeLeft, eyeRight]);
  const mouth = mean(landmarks.filter((_, index) => index === 48 || index === 54));
  const eyeToEye: Point = [eyeRight[0] - eyeLeft[0], eyeRight[1] - eyeLeft[1]];
  const eyeToMouth: Point = [mouth[0] - eyes[0], mouth[1] - eyes[1]];
  const direction: Point = [eyeToEye[0] + eyeToMouth[1], eyeToEye[1] - eyeToMouth[0]];
  const scale = Math.max(2.0 * norm(eyeToEye), 1.8 * norm(eyeToMouth)) / norm(direction);
  return {
    centre: [eyes[0] + 0.1 * eyeToMouth[0], eyes[1] + 0.1 * eyeToMouth[1]],
    half: [direction[0] * scale, direction[1] * scale],
  };
}

// Not Math.hypot: its last digit is the implementation's choice.
function norm([x, y]: Point): number {
  return Math.sqrt(x * x + y * y);
}

/** Corners in the manifest's order: top left, bottom left, bottom right, top right of the upright face. */
export function squareCorners({ centre: [cx, cy], half: [hx, hy] }: FaceSquare): Point[] {
  const corner = (right: number, down: number): Point => [
    hundredths(cx + right * hx - down * hy),
    hundredths(cy + right * hy + down * hx),
  ];
  return [corner(-1, -1), corner(-1, 1), corner(1, 1), corner(1, -1)];
}

/** Landmarks of the photo as they lie in the square, when that is an image of `size` pixels a side. */
export function landmarksInSquare(landmarks: readonly Point[], square: FaceSquare, size: number): Point[] {
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

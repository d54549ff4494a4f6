import { hypot } from '../numpy/hypot.ts';
import type { Box, Point, Quad } from '../raster/picture.ts';
import type { FacePoints } from './landmarks.ts';

/** An oriented square: its centre and half its upper side, in original pixels. */
export interface FaceFrame {
  readonly centre: Point;
  readonly half: Point;
}

/** The squares about a face, with and without `rotateLevel`. */
export interface FaceFrames {
  readonly level: FaceFrame;
  readonly upright: FaceFrame;
}

/** The reference's oriented crop rectangle, in its order of operations. */
export function faceFrame(points: FacePoints, rotateLevel: boolean): FaceFrame {
  const { eyeLeft, eyeRight, mouthLeft, mouthRight } = points;
  const eyeAverage: Point = [(eyeLeft[0] + eyeRight[0]) * 0.5, (eyeLeft[1] + eyeRight[1]) * 0.5];
  const eyeToEye: Point = [eyeRight[0] - eyeLeft[0], eyeRight[1] - eyeLeft[1]];
  const mouthAverage: Point = [(mouthLeft[0] + mouthRight[0]) * 0.5, (mouthLeft[1] + mouthRight[1]) * 0.5];
  const eyeToMouth: Point = [mouthAverage[0] - eyeAverage[0], mouthAverage[1] - eyeAverage[1]];
  const size = Math.max(hypot(...eyeToEye) * 2, hypot(...eyeToMouth) * 1.8);
  const centre: Point = [eyeAverage[0] + eyeToMouth[0] * 0.1, eyeAverage[1] + eyeToMouth[1] * 0.1];
  if (!rotateLevel) return { centre, half: [size, 0] };
  const along: Point = [eyeToEye[0] + eyeToMouth[1], eyeToEye[1] - eyeToMouth[0]];
  const length = hypot(...along);
  return { centre, half: [(along[0] / length) * size, (along[1] / length) * size] };
}

/** Side of the square; not a number or 0 where the landmarks span nothing. */
export function frameSize({ half }: FaceFrame): number {
  return hypot(...half) * 2;
}

/** Does the square span anything, and lie anywhere? */
export function isUsable(frame: FaceFrame): boolean {
  const size = frameSize(frame);
  return size > 0 && Number.isFinite(size) && frame.centre.every(Number.isFinite);
}

/** The square's corners about another centre. */
export function quadAbout([cx, cy]: Point, [x, y]: Point): Quad {
  const [downX, downY] = [-y, x];
  return [
    [cx - x - downX, cy - y - downY],
    [cx - x + downX, cy - y + downY],
    [cx + x + downX, cy + y + downY],
    [cx + x - downX, cy + y - downY],
  ];
}

/** The smallest box of whole pixels that holds the quad. */
export function boxAround(quad: Quad): Box {
  const xs = quad.map(([x]) => x);
  const ys = quad.map(([, y]) => y);
  return {
    left: Math.floor(Math.min(...xs)),
    top: Math.floor(Math.min(...ys)),
    right: Math.ceil(Math.max(...xs)),
    bottom: Math.ceil(Math.max(...ys)),
  };
}

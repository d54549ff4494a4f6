import type { Point } from '../../domain/raster/picture.ts';
import type { Random } from '../random/random.ts';

/**
 * The lines of a face in face units: the eyes are one unit apart, x to the right, y down, the middle between the eyes
 * at the origin when the head is not turned. Landmarks and drawing both follow these numbers, so they agree.
 */
export interface FaceShape {
  /** Turned to the image's right (positive) or left: how far the features move on the head. */
  readonly turn: number;
  readonly headWidth: number;
  /** From {@link HEAD_MIDDLE} down to the chin, and up to the crown. */
  readonly chin: number;
  readonly crown: number;
  readonly eyeWidth: number;
  readonly eyeUpper: number;
  readonly eyeLower: number;
  readonly browHeight: number;
  readonly browArch: number;
  readonly noseLength: number;
  readonly noseWidth: number;
  readonly mouthY: number;
  readonly mouthWidth: number;
  readonly lipUpper: number;
  readonly lipLower: number;
  readonly mouthOpen: number;
  /** How far the middle of the mouth hangs below its corners. */
  readonly smile: number;
}

/** Height of the head outline's widest place. */
export const HEAD_MIDDLE = 0.1;
/** From the middle between the eyes to the middle of one. */
export const EYE_X = 0.5;
/** Half the width of an eyebrow. */
export const BROW_HALF = 0.36;

/** Draws the lines of a face; the same stream of numbers gives the same ones. */
export function randomShape(random: Random): FaceShape {
  const mouthOpen = Math.max(0.012, random.between(-0.12, 0.17));
  return {
    turn: random.between(-0.16, 0.16),
    headWidth: random.between(1.02, 1.14),
    chin: random.between(1.58, 1.76),
    crown: random.between(1.3, 1.42),
    eyeWidth: random.between(0.185, 0.215),
    eyeUpper: random.between(0.075, 0.11),
    eyeLower: random.between(0.05, 0.075),
    browHeight: random.between(0.24, 0.31),
    browArch: random.between(0.06, 0.13),
    noseLength: random.between(0.6, 0.7),
    noseWidth: random.between(0.17, 0.23),
    mouthY: random.between(1.05, 1.14),
    mouthWidth: random.between(0.35, 0.45),
    lipUpper: mouthOpen / 2 + random.between(0.06, 0.09),
    lipLower: mouthOpen / 2 + random.between(0.08, 0.12),
    mouthOpen,
    smile: random.between(-0.01, 0.07),
  };
}

/** How far each feature moves with the turn: the nose stands out most. */
export const eyesX = (shape: FaceShape): number => shape.turn * 0.8;
export const noseX = (shape: FaceShape): number => shape.turn * 1.5;
export const mouthX = (shape: FaceShape): number => shape.turn;

/** Height of the brow's line at `t`, -1 (left end) to 1. */
export function browLine(shape: FaceShape, t: number): number {
  return -shape.browHeight - shape.browArch * (1 - t * t);
}

/** Height of the line between the lips at `t`, -1 (left corner) to 1. */
export function mouthLine(shape: FaceShape, t: number): number {
  return shape.mouthY + shape.smile * (1 - t * t);
}

/** Thickness of the upper lip over the line at `t`; the dip in its middle is the Cupid's bow. */
export function upperLip(shape: FaceShape, t: number): number {
  return shape.lipUpper * (1 - t * t) * (1 - 0.22 * Math.max(0, 1 - Math.abs(t) * 4));
}

/** The 68 points in dlib's order, in face units. */
export function shapeLandmarks(shape: FaceShape): Point[] {
  const points: Point[] = [];
  for (let i = 0; i <= 16; i++) {
    // A half circle without sine and cosine, whose last digits may differ from machine to machine.
    const t = (i - 8) / 8;
    const n = 1 + t * t;
    points.push([(shape.headWidth * 2 * t) / n, HEAD_MIDDLE + (shape.chin * (1 - t * t)) / n]);
  }
  for (const side of [-1, 1]) {
    for (const t of [-1, -0.5, 0, 0.5, 1]) {
      points.push([eyesX(shape) + side * EYE_X + BROW_HALF * t, browLine(shape, t)]);
    }
  }
  const nose = noseX(shape);
  for (let i = 0; i < 4; i++) {
    const t = i / 3;
    points.push([eyesX(shape) + (nose - eyesX(shape)) * t, 0.02 + (shape.noseLength - 0.08) * t]);
  }
  for (const t of [-1, -0.5, 0, 0.5, 1]) {
    points.push([nose + shape.noseWidth * t, shape.noseLength + 0.12 - 0.06 * t * t]);
  }
  for (const side of [-1, 1]) {
    const x = eyesX(shape) + side * EYE_X;
    const lid = (t: number, height: number): Point => [x + shape.eyeWidth * t, height * (1 - t * t)];
    const [upper, lower] = [-shape.eyeUpper, shape.eyeLower];
    points.push([x - shape.eyeWidth, 0], lid(-0.36, upper), lid(0.36, upper));
    points.push([x + shape.eyeWidth, 0], lid(0.36, lower), lid(-0.36, lower));
  }
  const lip = (t: number, offset: number): Point => [
    mouthX(shape) + shape.mouthWidth * t,
    mouthLine(shape, t) + offset,
  ];
  for (const t of [-1, -0.6, -0.25, 0, 0.25, 0.6, 1]) points.push(lip(t, -upperLip(shape, t)));
  for (const t of [0.6, 0.25, 0, -0.25, -0.6]) points.push(lip(t, shape.lipLower * (1 - t * t)));
  const gap = (t: number) => (shape.mouthOpen / 2) * (1 - t * t);
  points.push(lip(-0.84, 0));
  for (const t of [-0.3, 0, 0.3]) points.push(lip(t, -gap(t)));
  points.push(lip(0.84, 0));
  for (const t of [0.3, 0, -0.3]) points.push(lip(t, gap(t)));
  return points;
}

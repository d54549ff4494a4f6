import { type FaceFrame, type FaceFrames, faceFrame } from '../align/crop-quad.ts';
import { facePoints } from '../align/landmarks.ts';

/*
 * What stays of a record that was let go, in its place in the manifest: positions, by which aligned pictures are named, and
 * what `--random-shift --retry-crops` must know to draw as often for this face as it did before, so that every other face
 * gets the numbers that it had. That is the size of the photograph and, in place of 68 landmarks, the square about the
 * face: two points for level crops and two for upright ones. No picture, no words, no digest.
 */

export interface Tombstone {
  readonly width: number;
  readonly height: number;
  /** Absent where its landmarks were of no use. */
  readonly frames: FaceFrames | undefined;
}

/** The text that takes a record's place; of a record whose form was checked. */
export function tombstoneText(value: unknown): string {
  const wild = fieldOf(value, 'in_the_wild');
  const size = fieldOf(wild, 'pixel_size');
  const frames = framesOf(wild);
  const kept = {
    ...(size === undefined ? {} : { pixel_size: size }),
    // JSON has no number that is none: such a face is of no use either way.
    ...(frames === undefined ? {} : { face_frames: [frames.level, frames.upright].map(numbersOf) }),
  };
  return JSON.stringify({ removed: true, in_the_wild: kept });
}

/** What stays of a record, or stayed already. */
export function tombstoneOf(value: unknown): Tombstone {
  const wild = fieldOf(value, 'in_the_wild');
  const [width, height] = pair(fieldOf(wild, 'pixel_size')) ?? [1, 1];
  if (!isRemoved(value)) return { width, height, frames: framesOf(wild) };
  const kept = fieldOf(wild, 'face_frames');
  const [level, upright] = Array.isArray(kept) ? kept.map(frameOf) : [];
  return { width, height, frames: level && upright ? { level, upright } : undefined };
}

export function isRemoved(value: unknown): boolean {
  return fieldOf(value, 'removed') === true;
}

function framesOf(wild: unknown): FaceFrames | undefined {
  const points = facePoints(fieldOf(wild, 'face_landmarks'));
  return points && { level: faceFrame(points, true), upright: faceFrame(points, false) };
}

function numbersOf({ centre, half }: FaceFrame): readonly number[] {
  return [...centre, ...half];
}

function frameOf(value: unknown): FaceFrame | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [cx = Number.NaN, cy = Number.NaN, x = Number.NaN, y = Number.NaN] = value.map((number) =>
    typeof number === 'number' ? number : Number.NaN,
  );
  return { centre: [cx, cy], half: [x, y] };
}

function pair(value: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  return value.every((side) => Number.isInteger(side) && side > 0) ? [value[0], value[1]] : undefined;
}

function fieldOf(value: unknown, field: string): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, field) ? Reflect.get(value, field) : undefined;
}

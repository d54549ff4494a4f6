import type { AlignFailure } from '../failure/align-failure.ts';
import { NumpyRandom } from '../numpy/numpy-random.ts';
import type { Point, Quad, Size } from '../raster/picture.ts';
import type { AlignOptions } from './align-options.ts';
import type { Crop } from './align-spec.ts';
import {
  boxAround,
  type FaceFrame,
  type FaceFrames,
  faceFrame,
  frameSize,
  isUsable,
  quadAbout,
} from './crop-quad.ts';
import { facePoints } from './landmarks.ts';

/** The reference's own seed. */
const SEED = 12_345;

/** Draws after which the reference gives up; it ends the whole run then, we only this face. */
const MOST_DRAWS = 1_000;

/** One face, as the manifest has it. */
export interface FaceInPhoto extends Size {
  /** 68 pairs (x, y), unchecked. */
  readonly landmarks: unknown;
}

/**
 * Computes every crop of a dataset, record by record in the manifest's order: with `--random-shift` the stream of random
 * numbers runs through all records, also those that nobody asked to align. Needs no picture to be opened.
 *
 * The stream: 2 numbers for each of the `records` are drawn and thrown away, then each face takes a pair per draw, one
 * draw without `--retry-crops`, at most 1000 with it. A face whose landmarks are unusable takes none.
 */
export class CropPlanner {
  readonly #options: AlignOptions;
  readonly #random: NumpyRandom | undefined;

  /** `records`: of the whole manifest, however few are aligned. */
  constructor(records: number, options: AlignOptions) {
    this.#options = options;
    if (options.randomShift === 0) return;
    this.#random = new NumpyRandom(SEED);
    for (let i = 0; i < 2 * records; i++) this.#random.normal();
  }

  plan(face: FaceInPhoto): Crop | AlignFailure {
    const points = facePoints(face.landmarks);
    if (points === undefined) {
      return {
        reason: 'bad-landmarks',
        detail: 'expected 68 pairs of finite numbers as landmarks, got others',
      };
    }
    const frame = faceFrame(points, this.#options.rotateLevel);
    const size = frameSize(frame);
    if (!isUsable(frame)) {
      return {
        reason: 'degenerate-face',
        detail: `expected landmarks that span a face, got a side of ${size}`,
      };
    }
    const quad = this.#quadOf(frame, size, face);
    if (quad !== undefined && !quad.flat().every(Number.isFinite)) {
      return { reason: 'degenerate-face', detail: 'expected landmarks near a picture, got endless corners' };
    }
    if (quad !== undefined) return { quad, size };
    return {
      reason: 'rejected-crop',
      detail: `expected one of ${MOST_DRAWS} random crops inside ${face.width}x${face.height} pixels, got none`,
    };
  }

  /** In place of a face that was let go: draws as often as that did, so that those behind it get the numbers that they had. */
  pass(frames: FaceFrames | undefined, photo: Size): void {
    const frame = this.#options.rotateLevel ? frames?.level : frames?.upright;
    if (frame !== undefined && isUsable(frame)) this.#quadOf(frame, frameSize(frame), photo);
  }

  #quadOf(frame: FaceFrame, size: number, photo: Size): Quad | undefined {
    return this.#random === undefined
      ? quadAbout(frame.centre, frame.half)
      : this.#shifted(this.#random, frame.centre, frame.half, size, photo);
  }

  #shifted(random: NumpyRandom, centre: Point, half: Point, size: number, face: Size): Quad | undefined {
    const { randomShift, retryCrops } = this.#options;
    for (let draw = 0; draw < MOST_DRAWS; draw++) {
      const right = random.normal();
      const down = random.normal();
      const about: Point = [centre[0] + size * randomShift * right, centre[1] + size * randomShift * down];
      const quad = quadAbout(about, half);
      if (!retryCrops || isInside(quad, face)) return quad;
    }
    return undefined;
  }
}

function isInside(quad: Quad, { width, height }: Size): boolean {
  const { left, top, right, bottom } = boxAround(quad);
  return left >= 0 && top >= 0 && right < width && bottom < height;
}

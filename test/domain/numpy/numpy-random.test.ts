import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defaultAlignOptions } from '../../../src/domain/align/align-options.ts';
import { isCrop } from '../../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../../src/domain/align/crop-planner.ts';
import { boxAround, faceFrame, frameSize, quadAbout } from '../../../src/domain/align/crop-quad.ts';
import { facePoints } from '../../../src/domain/align/landmarks.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import { hypot } from '../../../src/domain/numpy/hypot.ts';
import { NumpyRandom } from '../../../src/domain/numpy/numpy-random.ts';
import type { Point } from '../../../src/domain/raster/picture.ts';
import { Random } from '../../../src/sample/random/random.ts';

/** Recorded from NumPy by tools/numpy-vectors.py. */
const vectors: {
  readonly normals: {
    readonly seed: number;
    readonly count: number;
    readonly md5: string;
    readonly every200th: number[];
  };
  readonly hypots: readonly (readonly [number, number, number])[];
} = JSON.parse(readFileSync(new URL('numpy-vectors.json', import.meta.url), 'utf8'));

/** Distance of neighbouring doubles. */
const ulp = (value: number) => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 52);

function normals(count: number): Float64Array {
  const random = new NumpyRandom(vectors.normals.seed);
  return Float64Array.from({ length: count }, () => random.normal());
}

test('a hundred thousand normals are NumPy’s to 12 decimals, and to the last bit but for few, which are off by one', () => {
  const { count, md5, every200th } = vectors.normals;
  const own = normals(count);
  const text = Array.from(own, (value) => value.toFixed(12)).join('\n');
  expect(md5Of(Buffer.from(text))).toBe(md5);
  const off = every200th.map((value, nth) => Math.abs((own[nth * 200] as number) - value) / ulp(value));
  expect(Math.max(...off)).toBeLessThanOrEqual(1);
  expect(off.filter((units) => units > 0).length).toBeLessThanOrEqual(2);
});

test('hypotenuses are NumPy’s to the last bit', () => {
  const wrong = vectors.hypots.filter(([x, y, wanted]) => hypot(x, y) !== wanted);
  expect(wrong).toEqual([]);
});

const share = (random: Random) => random.below(1_000_000) / 1_000_000;

/** 68 points of which those that the recipe uses lie like a face's. */
function plausibleLandmarks(random: Random, width: number, height: number): Point[] {
  const [x, y] = [width * (0.3 + 0.4 * share(random)), height * (0.3 + 0.4 * share(random))];
  const eyes = 20 + 180 * share(random);
  const hundredth = (value: number) => Math.round(value * 100) / 100;
  const jitter = () => eyes * 0.1 * share(random);
  return Array.from({ length: 68 }, (_, at): Point => {
    const right = at >= 42 && at < 48 ? eyes : at === 48 ? eyes * 0.15 : at === 54 ? eyes * 0.85 : 0;
    const down = at >= 48 ? eyes * 1.1 : 0;
    return [hundredth(x + right + jitter()), hundredth(y + down + jitter())];
  });
}

test('no crop of 70,000 faces depends on the last bits of a normal', () => {
  const records = 70_000;
  const random = new Random(20_261_123);
  const options = { ...defaultAlignOptions, randomShift: 0.2 };
  const planner = new CropPlanner(records, options);
  const draws = normals(4 * records).subarray(2 * records);
  // A normal that is off by its last bit moves the quad by a share of its side; coordinates are sums of a few such.
  let nearest = Number.POSITIVE_INFINITY;
  let farthestMove = 0;
  for (let record = 0; record < records; record++) {
    const [width, height] = [500 + random.below(4_000), 500 + random.below(4_000)];
    const landmarks = plausibleLandmarks(random, width, height);
    const crop = planner.plan({ landmarks, width, height });
    const points = facePoints(landmarks);
    if (!isCrop(crop) || points === undefined) throw new Error(`record ${record}: expected a crop`);
    const frame = faceFrame(points, true);
    const size = frameSize(frame);
    const [right = 0, down = 0] = draws.subarray(2 * record);
    const move =
      2 * size * options.randomShift * Math.max(ulp(right), ulp(down)) + 8 * ulp(Math.max(width, height));
    farthestMove = Math.max(farthestMove, move);
    for (const [x, y] of crop.quad) {
      nearest = Math.min(nearest, Math.abs(x - Math.round(x)), Math.abs(y - Math.round(y)));
    }
    if (record % 10_000 > 0) continue;
    // The planner's stream is the one that was looked at.
    const centre: Point = [
      frame.centre[0] + size * options.randomShift * right,
      frame.centre[1] + size * options.randomShift * down,
    ];
    expect(crop.quad).toEqual(quadAbout(centre, frame.half));
    expect(boxAround(crop.quad)).toEqual(boxAround(quadAbout(centre, frame.half)));
  }
  // Boxes are whole numbers: they change only where a coordinate comes that close to one.
  expect(farthestMove).toBeLessThan(1e-10);
  expect(nearest).toBeGreaterThan(100 * farthestMove);
});

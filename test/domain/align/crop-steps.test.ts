import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AlignOptions, defaultAlignOptions } from '../../../src/domain/align/align-options.ts';
import { isCrop } from '../../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../../src/domain/align/crop-planner.ts';
import { CropError, type CropSteps, cropSteps } from '../../../src/domain/align/crop-steps.ts';
import type { Size } from '../../../src/domain/raster/picture.ts';

/** Steps for an upright face whose square has this side, in the middle of its original; the reason where there are none. */
function stepsOf(side: number, original: Size, enablePadding = true): CropSteps | string {
  const half = side / 2;
  const [x, y] = [original.width / 2, original.height / 2];
  const quad = [
    [x - half, y - half],
    [x - half, y + half],
    [x + half, y + half],
    [x + half, y - half],
  ] as const;
  try {
    return cropSteps({ quad, size: side }, original, enablePadding);
  } catch (error) {
    if (error instanceof CropError) return error.reason;
    throw error;
  }
}

/** Pixels of the padded picture. */
function paddedArea({ box, pad }: CropSteps): number {
  const [across, down] = [(pad?.left ?? 0) + (pad?.right ?? 0), (pad?.top ?? 0) + (pad?.bottom ?? 0)];
  return (box.right - box.left + across) * (box.bottom - box.top + down);
}

describe('a face’s padded picture is as large as its original can explain', () => {
  test('a face far larger than its photograph is refused, not spread over gigabytes', () => {
    expect(stepsOf(4_095, { width: 200, height: 200 })).toBe('degenerate-face');
    expect(stepsOf(6_140, { width: 700, height: 500 })).toBe('degenerate-face');
  });

  test('a face of which its photograph shows but a part is cut as the reference cuts it', () => {
    for (const [side, width, height] of [
      [1_500, 420, 340],
      [4_095, 600, 400],
      [1_600, 200, 100],
      [20, 3, 2],
      [400, 1, 1],
    ] as const) {
      expect(stepsOf(side, { width, height })).toMatchObject({ pad: expect.anything() });
    }
  });

  test('without padding nothing grows, and every face is cut', () => {
    expect(stepsOf(4_095, { width: 200, height: 200 }, false)).toMatchObject({ pad: undefined });
  });

  test('whatever the landmarks are, a face is an outcome, or has a box inside its original and bounded pads', () => {
    const edge = fc.constantFrom(0, -1, 1e-320, 1e15, -1e15, 1e300, -1.7e308, 5e9, 0.5);
    const place = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: -3_000, max: 9_000, noNaN: true }) },
      edge,
    );
    const landmarks = fc.array(fc.tuple(place, place), { minLength: 68, maxLength: 68 });
    const side = fc.oneof(fc.integer({ min: 1, max: 9_000 }), fc.constantFrom(1, 2, 65_535, 2 ** 31 - 1));
    const options: fc.Arbitrary<AlignOptions> = fc.record({
      rotateLevel: fc.boolean(),
      enablePadding: fc.boolean(),
      randomShift: fc.constantFrom(0, 0.2, 50),
      retryCrops: fc.boolean(),
    });
    fc.assert(
      fc.property(landmarks, side, side, options, (points, width, height, asked) => {
        const crop = new CropPlanner(1, { ...defaultAlignOptions, ...asked }).plan({
          landmarks: points,
          width,
          height,
        });
        if (!isCrop(crop)) return;
        expect(JSON.parse(JSON.stringify(crop))).toEqual({
          ...crop,
          quad: crop.quad.map((corner) => [...corner]),
        });
        let steps: CropSteps;
        try {
          steps = cropSteps(crop, { width, height }, asked.enablePadding);
        } catch (error) {
          expect(error).toBeInstanceOf(CropError);
          return;
        }
        const { box, shrunk = { width, height } } = steps;
        expect(box.left).toBeGreaterThanOrEqual(0);
        expect(box.top).toBeGreaterThanOrEqual(0);
        expect(box.right).toBeLessThanOrEqual(shrunk.width);
        expect(box.bottom).toBeLessThanOrEqual(shrunk.height);
        expect(paddedArea(steps)).toBeLessThan(100_000_000);
      }),
      { numRuns: 1_000 },
    );
  });
});

import { describe, expect, test } from 'vitest';
import { CropError, type CropSteps, cropSteps } from '../../../src/domain/align/crop-steps.ts';
import type { Size } from '../../../src/domain/raster/picture.ts';
import { expectLaw } from '../../fuzz/law.ts';
import { faces } from '../../fuzz/laws/landmarks.ts';

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

describe('a face’s padded picture is as large as its original can explain', () => {
  test('a face far larger than its photograph is refused, not spread over gigabytes', () => {
    expect(stepsOf(4_095, { width: 200, height: 200 })).toBe('degenerate-face');
    expect(stepsOf(6_140, { width: 700, height: 500 })).toBe('degenerate-face');
    expect(stepsOf(4_095, { width: 65_535, height: 1 })).toBe('degenerate-face');
    expect(stepsOf(4_095, { width: 2, height: 30_000 })).toBe('degenerate-face');
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

  test('whatever the landmarks are, a face is an outcome, or has a box inside its original and bounded pads', () =>
    expectLaw(faces));
});

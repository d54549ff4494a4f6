import { expect, test } from 'vitest';
import { type AlignOptions, defaultAlignOptions } from '../../../src/domain/align/align-options.ts';
import { isCrop } from '../../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../../src/domain/align/crop-planner.ts';
import { cropSteps } from '../../../src/domain/align/crop-steps.ts';
import type { Point } from '../../../src/domain/raster/picture.ts';

const photo = { width: 1000, height: 800 };

/** Eyes 100 pixels apart at (450, 300) and (550, 300), mouth 100 below. */
function landmarks(): Point[] {
  return Array.from({ length: 68 }, (_, at): Point => {
    if (at >= 36 && at < 42) return [450, 300];
    if (at >= 42 && at < 48) return [550, 300];
    if (at === 48) return [460, 400];
    if (at === 54) return [540, 400];
    return [0, 0];
  });
}

const planner = (options: Partial<AlignOptions> = {}, records = 5) =>
  new CropPlanner(records, { ...defaultAlignOptions, ...options });

test('the square of an upright face: as wide as twice the eyes’ distance, or 1.8 times that to the mouth, a side each way', () => {
  expect(planner().plan({ ...photo, landmarks: landmarks() })).toEqual({
    quad: [
      [300, 110],
      [300, 510],
      [700, 510],
      [700, 110],
    ],
    size: 400,
  });
});

test.each([
  ['67 points', landmarks().slice(1)],
  ['nothing', undefined],
  ['text', 'landmarks'],
  ['a point of one number', [[1], ...landmarks().slice(1)]],
  ['a point that is not a number', [[Number.NaN, 1], ...landmarks().slice(1)]],
  ['an infinite point', [[1, Number.POSITIVE_INFINITY], ...landmarks().slice(1)]],
])('landmarks that are no 68 finite pairs are an outcome: %s', (_, wrong) => {
  expect(planner().plan({ ...photo, landmarks: wrong })).toMatchObject({ reason: 'bad-landmarks' });
});

test('a face without extent is an outcome, whatever the options', () => {
  const point = Array.from({ length: 68 }, () => [5, 5]);
  for (const options of [{}, { rotateLevel: false }, { randomShift: 0.1, retryCrops: true }]) {
    expect(planner(options).plan({ ...photo, landmarks: point })).toMatchObject({
      reason: 'degenerate-face',
    });
  }
  const huge = Array.from({ length: 68 }, (_, at) => [1e308 * (at % 2), -1e308]);
  expect(planner().plan({ ...photo, landmarks: huge })).toMatchObject({ reason: 'degenerate-face' });
});

test('a crop that never fits is an outcome after a thousand draws, and the faces behind it are planned', () => {
  const crops = planner({ randomShift: 0.1, retryCrops: true });
  expect(crops.plan({ width: 300, height: 300, landmarks: landmarks() })).toMatchObject({
    reason: 'rejected-crop',
    detail: expect.stringContaining('300x300'),
  });
  const next = crops.plan({ ...photo, landmarks: landmarks() });
  expect(isCrop(next) && next.quad.every(([x, y]) => x >= 0 && y >= 0 && x < 1000 && y < 800)).toBe(true);
});

test('unusable landmarks take no numbers from the stream: the face behind them lies where it would', () => {
  const crops = planner({ randomShift: 0.1 });
  crops.plan({ ...photo, landmarks: [] });
  const behind = crops.plan({ ...photo, landmarks: landmarks() });
  expect(behind).toEqual(planner({ randomShift: 0.1 }).plan({ ...photo, landmarks: landmarks() }));
});

const crop = (x: number, y: number, size: number) => ({
  quad: [
    [x, y],
    [x, y + size],
    [x + size, y + size],
    [x + size, y],
  ] as const,
  size,
});

test('a face far inside is cut with a border and not padded; one at the border is padded by a third of its side', () => {
  const inside = cropSteps(crop(300, 110, 400), photo, true);
  expect(inside).toMatchObject({ shrunk: undefined, pad: undefined });
  expect(inside.box).toEqual({ left: 260, top: 70, right: 740, bottom: 550 });
  expect(inside.corners[0]).toEqual([40.5, 40.5]);
  const outside = cropSteps(crop(-100, 110, 400), photo, true);
  expect(outside.box.left).toBe(0);
  expect(outside.pad).toEqual({ left: 140, top: 120, right: 120, bottom: 120 });
  expect(cropSteps(crop(-100, 110, 400), photo, false).pad).toBeUndefined();
});

test('a large face is made smaller by a whole number first, never to less than twice the output', () => {
  const large = { width: 9000, height: 7001 };
  expect(cropSteps(crop(1000, 1000, 4095), large, true).shrunk).toBeUndefined();
  expect(cropSteps(crop(1000, 1000, 4096), large, true).shrunk).toEqual({ width: 4500, height: 3500 });
  expect(cropSteps(crop(500, 500, 6144), large, true).shrunk).toEqual({ width: 3000, height: 2334 });
});

test('a face beside the picture, or of less than two pixels at its border, is refused by name', () => {
  expect(() => cropSteps(crop(2000, 100, 400), photo, true)).toThrow(/expected some of it inside 1000x800/);
  expect(() => cropSteps(crop(-1e15, 0, 4), photo, true)).toThrow(/got none/);
  expect(() => cropSteps(crop(0, 0, 1), photo, true)).toThrow(/2 pixels or more/);
});

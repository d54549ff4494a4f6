import { expect, test } from 'vitest';
import { CropPlanner } from '../../../src/domain/align/crop-planner.ts';
import { parseManifestRecord } from '../../../src/domain/dataset/manifest.ts';
import { tombstoneOf, tombstoneText } from '../../../src/domain/exclusion/tombstone.ts';
import { Random } from '../../../src/sample/random/random.ts';

interface Face {
  readonly in_the_wild: { readonly pixel_size: readonly [number, number]; readonly face_landmarks: unknown };
}

/** Faces near borders, so that `--retry-crops` draws several times; some with landmarks of no use. */
function facesOf(seed: number): readonly Face[] {
  const random = new Random(seed);
  return Array.from({ length: 40 }, (_, nth) => {
    const [width, height] = [300 + random.below(500), 300 + random.below(500)] as const;
    const [x, y, side] = [random.below(width), random.below(height), 20 + random.below(60)];
    const landmarks = Array.from({ length: 68 }, () => [
      x + random.below(side) + 0.1,
      y + random.below(side) + 0.7,
    ]);
    const same = Array.from({ length: 68 }, () => [1, 1]);
    return {
      in_the_wild: {
        pixel_size: [width, height],
        face_landmarks: nth % 9 === 4 ? [] : nth % 9 === 5 ? same : landmarks,
      },
    };
  });
}

test.each([
  ['level', true, true],
  ['upright', false, true],
  ['without retries', true, false],
])('faces behind a tombstone are cut as before it: %s', (_name, rotateLevel, retryCrops) => {
  const faces = facesOf(4);
  const options = { rotateLevel, randomShift: 0.3, retryCrops, enablePadding: false };
  const planned = (removed: ReadonlySet<number>) => {
    const planner = new CropPlanner(faces.length, options);
    return faces.map((face, nth) => {
      const [width, height] = face.in_the_wild.pixel_size;
      if (!removed.has(nth))
        return planner.plan({ width, height, landmarks: face.in_the_wild.face_landmarks });
      const kept = tombstoneOf(JSON.parse(tombstoneText(face)));
      planner.pass(kept.frames, kept);
      return undefined;
    });
  };
  const before = planned(new Set());
  for (const removed of [[0], [4, 5, 6], [13, 14, 15, 16, 22, 23, 39]]) {
    const after = planned(new Set(removed));
    expect(after).toEqual(before.map((crop, nth) => (removed.includes(nth) ? undefined : crop)));
  }
});

test('a tombstone keeps a place, a size and a square; it is a record without a file', () => {
  const [face] = facesOf(1);
  const record = { category: 'training', metadata: { author: 'Anna', photo_title: 'me' }, ...face };
  const text = tombstoneText(record);
  expect(text).not.toMatch(/Anna|me"|training/);
  expect(text.length).toBeLessThan(300);
  expect(parseManifestRecord('7', JSON.parse(text))).toMatchObject({ id: 7, removed: true });
  expect(tombstoneText({})).toBe('{"removed":true,"in_the_wild":{}}');
});

test.each([
  ['a list', []],
  ['sizes that are none', { removed: true, in_the_wild: { pixel_size: [-1, 'x'] } }],
  ['frames that are none', { removed: true, in_the_wild: { face_frames: [[1, 2], 'x', null] } }],
  [
    'endless frames',
    {
      removed: true,
      in_the_wild: {
        face_frames: [
          [1e308, 1, 1e308, 1e308],
          [null, 1, 1, 1],
        ],
      },
    },
  ],
])('a hostile tombstone, %s, draws nothing or something, and breaks nothing', (_name, value) => {
  const planner = new CropPlanner(2, {
    rotateLevel: true,
    randomShift: 0.2,
    retryCrops: true,
    enablePadding: false,
  });
  const kept = tombstoneOf(value);
  expect(() => planner.pass(kept.frames, kept)).not.toThrow();
});

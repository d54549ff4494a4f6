import fc from 'fast-check';
import { alignMemory } from '../../../src/domain/align/align-memory.ts';
import { type AlignOptions, defaultAlignOptions } from '../../../src/domain/align/align-options.ts';
import { isCrop } from '../../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../../src/domain/align/crop-planner.ts';
import { CropError, type CropSteps, cropSteps } from '../../../src/domain/align/crop-steps.ts';
import { parsePhotoLandmarks } from '../../../src/domain/align/photo-landmarks.ts';
import { MAX_PIXELS } from '../../../src/domain/png/png-header.ts';
import type { Size } from '../../../src/domain/raster/picture.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const face = (x: number) => Array.from({ length: 68 }, (_, at) => [x + 3 * at, 2 * at]);
const photos = { 'anna.jpg': face(0), 'trip/group.png': [face(1), face(2)], 'none.webp': [] };
const csv = ['b.jpg', 'anna.jpg', 'b.jpg'].map((file, x) => [file, ...face(x).flat()].join(',')).join('\n');

/** Bytes of any face, and of each pixel of its padded picture: so many pixels are nobody's concern, or so many to one of the original's. */
const ALWAYS = 64 * 1024 ** 2;
const PER_PIXEL = 70;
const UNEXPLAINED = 8_000_000;
const EXPLAINED = 1_500;
/** Bytes, whatever the original is. */
const MOST_MEMORY = 4 * 1024 ** 3;

export const landmarkFiles = law(
  'landmark-files',
  150,
  fc.record({
    name: fc.constantFrom('f.json', 'f.csv'),
    json: hostileJson(),
    bytes: fc.oneof(fc.constant([]), hostileBytes()),
    any: fc.option(fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 400 })), { freq: 1 }),
  }),
  ({ name, json, bytes, any }) => {
    const valid = any ?? (name === 'f.csv' ? csv : textOf(photos, json));
    const parsed = parsePhotoLandmarks(name, spoilt(Buffer.from(valid), bytes).toString());
    if ('error' in parsed) {
      if (
        !parsed.error.startsWith('landmarks [file=f.') ||
        parsed.error.length > 700 ||
        /\p{C}/u.test(parsed.error)
      )
        throw new Error(`refusal: expected a short printable sentence, got ${JSON.stringify(parsed.error)}`);
      return;
    }
    for (const { file, faces } of parsed.photos) {
      if (/^\/|(^|\/)\.|\\|\p{Cc}/u.test(file) || file === '')
        throw new Error(`name: expected a plain one, got ${file}`);
      for (const landmarks of faces) expectCrop(landmarks, { width: 640, height: 480 }, defaultAlignOptions);
    }
  },
);

const edge = fc.constantFrom(
  ...[0, -0, -1, 0.5, 1e-320, 1e15, -1e15, 5e9, 1e300, -1.7e308, 2 ** 31],
  ...[Number.NaN, Number.POSITIVE_INFINITY],
);
const place = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -3_000, max: 9_000, noNaN: true }) },
  { weight: 2, arbitrary: fc.double() },
  edge,
);
/** A face of any size with some points that are elsewhere, or any points at all. */
const points = fc.oneof(
  fc
    .record({
      scale: fc.oneof(
        fc.constantFrom(0, 1, -1, 1e-300, 1e300),
        fc.double({ min: 0.001, max: 100, noNaN: true }),
      ),
      moved: fc.array(fc.tuple(fc.nat(67), place, place), { maxLength: 20 }),
    })
    .map(({ scale, moved }) => {
      const all = face(0).map(([x = 0, y = 0]) => [x * scale, y * scale]);
      for (const [at, x, y] of moved) all[at] = [x, y];
      return all;
    }),
  fc.array(fc.tuple(place, place), { minLength: 68, maxLength: 68 }),
);
const side = fc.oneof(
  fc.integer({ min: 1, max: 9_000 }),
  fc.constantFrom(1, 2, 3, 16_000, 65_535, 1_000_000, 2 ** 31 - 1),
);
const anyOptions: fc.Arbitrary<AlignOptions> = fc.record({
  rotateLevel: fc.boolean(),
  enablePadding: fc.boolean(),
  randomShift: fc.constantFrom(0, 0.2, 50),
  retryCrops: fc.boolean(),
});

export const faces = law(
  'faces',
  800,
  fc.record({ points, width: side, height: side, options: anyOptions }),
  ({ points: landmarks, width, height, options }) => expectCrop(landmarks, { width, height }, options),
);

/** A crop of whole numbers inside of its original, in memory that its original explains; or a reason why there is none. */
function expectCrop(landmarks: unknown, size: Size, options: AlignOptions): void {
  const crop = new CropPlanner(1, options).plan({ landmarks, ...size });
  if (!isCrop(crop)) {
    if (!/^[a-z-]+$/.test(crop.reason)) throw new Error(`reason: expected one, got ${crop.reason}`);
    return;
  }
  // As it is written to the crop files and read again.
  const text = JSON.stringify(crop);
  const read = JSON.parse(text) as typeof crop;
  if (JSON.stringify(read) !== text || text.includes('null'))
    throw new Error(`crop: expected it again, got ${text}`);
  let steps: CropSteps;
  try {
    steps = cropSteps(read, size, options.enablePadding);
  } catch (error) {
    if (error instanceof CropError) return;
    throw error;
  }
  const { box, pad, shrunk = size } = steps;
  const edges = [...Object.values(box), ...Object.values(pad ?? {})];
  if (!edges.every((one) => Number.isSafeInteger(one) && one >= 0))
    throw new Error(`steps: expected whole numbers, got ${edges}`);
  if (box.right > shrunk.width || box.bottom > shrunk.height)
    throw new Error(`box: expected it inside, got ${edges}`);
  // Larger ones are refused by their first bytes.
  const pixels = size.width * size.height;
  if (pixels > MAX_PIXELS) return;
  const memory = alignMemory(read, size, options.enablePadding);
  const most = ALWAYS + PER_PIXEL * Math.max(UNEXPLAINED, EXPLAINED * pixels);
  if (!(memory <= Math.min(most, MOST_MEMORY + PER_PIXEL * pixels)))
    throw new Error(`memory: expected at most ${most}, got ${memory}`);
}

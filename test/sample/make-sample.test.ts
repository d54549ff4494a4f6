import { cp, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alignPicture } from '../../src/activities/align/threads/align-picture.ts';
import { makeAlignTools } from '../../src/activities/kernels/make-align-tools.ts';
import { isCrop } from '../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../src/domain/align/crop-planner.ts';
import type { Point } from '../../src/domain/raster/picture.ts';
import type { Sample } from '../../src/sample/folder/sample.ts';
import { makeSample } from '../../src/sample/make-sample.ts';
import type { SampleRecord } from '../../src/sample/record/record.ts';
import {
  chunksOf,
  digestsOf,
  expectAsPromised,
  freshFolder,
  keysOf,
  md5,
  readManifest,
  recordKeys,
} from './made-dataset.ts';
import { askReference, optionsOf, questions, recorded, whyNoReference } from './reference-digests.ts';

describe('the default sample', () => {
  let folder: string;
  let sample: Sample;
  let records: readonly (readonly [string, SampleRecord])[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ffhq-sample-test-'));
    sample = await makeSample({ folder });
    records = Object.entries(await readManifest(sample));
  }, 300_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const wilds = () => records.map(([, record]) => present(record.in_the_wild));

  test('a record has every field of the real manifest, in its order and types', () => {
    expect(records).toHaveLength(24);
    for (const [key, record] of records) {
      expect(keysOf(record)).toEqual(recordKeys);
      expect(Object.keys(record)).toEqual(Object.keys(recordKeys));
      expect(record.category).toBe(Number(key) < 60_000 ? 'training' : 'validation');
      expect(Object.values(record.metadata).every((value) => typeof value === 'string')).toBe(true);
      for (const file of [record.image, record.thumbnail, record.in_the_wild].map(present)) {
        expect(file.file_url).toMatch(/^https:\/\/drive\.google\.com\/uc\?id=1[A-Za-z0-9_-]{32}$/);
        expect(Number.isInteger(file.file_size)).toBe(true);
      }
      expect(record.image?.face_landmarks).toHaveLength(68);
      expect(record.in_the_wild?.face_landmarks).toHaveLength(68);
      expect(record.in_the_wild?.face_quad).toHaveLength(4);
      expect(record.in_the_wild?.face_rect.every(Number.isInteger)).toBe(true);
    }
  });

  test('every coordinate in the manifest is a float with at most two decimals, and all text is ASCII', async () => {
    const text = await readFile(sample.manifestPath, 'latin1');
    const lists = [...text.matchAll(/"face_(?:landmarks|quad)": \[\[(.*?)\]\]/g)].map(
      (match) => match[1] ?? '',
    );
    expect(lists).toHaveLength(3 * 24);
    for (const list of lists) {
      for (const number of list.split(/\], \[|, /)) expect(number).toMatch(/^-?[0-9]+\.[0-9]{1,2}$/);
    }
    expect(text).toMatch(/^[ -~]*$/);
  });

  test('every file that a record promises is there, with the size and digests that another decoder finds', async () => {
    for (const [, record] of records) {
      await expectAsPromised(sample, record.image);
      await expectAsPromised(sample, record.thumbnail);
      await expectAsPromised(sample, record.in_the_wild);
    }
  });

  test('the manifest and the licence files are described along with the pictures', async () => {
    const manifest = await readFile(sample.manifestPath);
    expect([manifest.length, md5(manifest)]).toEqual([sample.manifestBytes, sample.manifestMd5]);
    const paths = [...sample.files.values()].map(({ filePath }) => filePath);
    const licenses = paths.filter((path) => path.endsWith('LICENSE.txt'));
    expect(licenses.sort()).toEqual([
      'LICENSE.txt',
      'images1024x1024/LICENSE.txt',
      'in-the-wild-images/LICENSE.txt',
      'thumbnails128x128/LICENSE.txt',
    ]);
    expect(paths).toHaveLength(24 * 3 + 4 + 1);
    const license = sample.files.get(new URL(sample.licenseUrl).searchParams.get('id') ?? '');
    expect(license?.path).toBe(sample.licensePath);
    expect(md5(await readFile(sample.licensePath))).toBe(license?.md5);
  });

  test('the pictures and their metadata are varied enough to be worth downloading', () => {
    const megapixels = wilds().map(({ pixel_size: [width, height] }) => (width * height) / 1e6);
    expect(megapixels.filter((size) => size > 10)).toHaveLength(2);
    expect(megapixels.filter((size) => size < 2).length).toBeGreaterThan(18);
    const metadata = records.map(([, record]) => record.metadata);
    expect(new Set(metadata.map(({ license_url }) => license_url)).size).toBe(5);
    expect(new Set(metadata.map(({ photo_url }) => photo_url)).size).toBeLessThan(24);
    expect(metadata.some(({ photo_title }) => photo_title === '')).toBe(true);
    expect(metadata.some(({ photo_title }) => /\p{Script=Han}/u.test(photo_title))).toBe(true);
    expect(new Set(records.map(([, record]) => record.category)).size).toBe(2);
  });

  test('faces of one photo have the same original under names of their own', () => {
    const byPhoto = new Map<string, Set<string>>();
    for (const [, record] of records) {
      const digests = byPhoto.get(record.metadata.photo_url) ?? new Set();
      byPhoto.set(record.metadata.photo_url, digests.add(present(record.in_the_wild).file_md5));
    }
    for (const digests of byPhoto.values()) expect(digests.size).toBe(1);
    expect(new Set(wilds().map(({ file_path }) => file_path)).size).toBe(24);
  });

  test('aligned images are the reference’s own, pixel for pixel and byte for byte', () => {
    for (const [key, { image }] of records) {
      const { pixel_md5, file_md5 } = present(image);
      expect([key, { pixel_md5, file_md5 }]).toEqual([key, recorded.results['--align']?.[key]]);
    }
  });

  test.each(questions.slice(1).map((question) => [question.name, question] as const))(
    'the aligner makes of it what the reference makes: %s',
    async (name, question) => {
      const chosen = records.filter(([key]) => question.keys.includes(key));
      const options = optionsOf(question);
      const planner = new CropPlanner(chosen.length, options);
      const tools = makeAlignTools(true);
      for (const [key, record] of chosen) {
        const { face_landmarks: landmarks, pixel_size, ...file } = present(record.in_the_wild);
        const [width, height] = pixel_size;
        const crop = planner.plan({ landmarks, width, height });
        if (!isCrop(crop)) throw new Error(`record ${key}: ${crop.detail}`);
        const path = join(folder, file.file_path);
        const original = { path, md5: file.file_md5 };
        const { enablePadding } = options;
        const bytes = await readFile(path);
        const task = { original, bytes, crop, enablePadding, fileIdentical: true };
        const answer = await alignPicture(task, tools);
        const { pixel_md5: pixelMd5, file_md5 } = present(recorded.results[name]?.[key]);
        expect(answer, `record ${key}`).toMatchObject({ status: 'aligned', pixelMd5, md5: file_md5 });
      }
    },
  );

  test.skipIf(whyNoReference)(
    `the reference still gives the digests that were recorded${whyNoReference === undefined ? '' : ` (skipped: ${whyNoReference})`}`,
    { timeout: 900_000 },
    () => {
      expect(askReference(sample.manifestPath, folder).results).toEqual(recorded.results);
    },
  );

  test('an original weighs what a photograph does: about 0.9 to 2 bytes a pixel', () => {
    for (const { file_size, pixel_size } of wilds()) {
      const text = file_size > 2_500_000 && pixel_size[0] === 1280 ? 1_250_000 : 0;
      const perPixel = (file_size - text) / (pixel_size[0] * pixel_size[1]);
      expect(perPixel).toBeGreaterThan(0.9);
      expect(perPixel).toBeLessThan(2);
    }
  });

  test('one original has more text than decoders like to read', async () => {
    const long: number[] = [];
    for (const { file_path } of wilds()) {
      for (const { type, data } of chunksOf(await readFile(join(sample.folder, file_path)))) {
        if (type !== 'zTXt') continue;
        expect(data.length).toBeGreaterThan(1 << 20);
        long.push(inflateSync(data.subarray(data.indexOf(0) + 2)).length);
      }
    }
    expect(long).toEqual([2_400_000]);
  });

  test('a face’s quad is what the dataset’s recipe chooses for its landmarks, sometimes beyond the border', () => {
    let outside = 0;
    for (const { face_landmarks, face_quad, pixel_size } of wilds()) {
      const quad = recipeQuad(face_landmarks);
      for (const [corner, [x, y]] of face_quad.entries()) {
        expect(Math.abs(x - (quad[corner]?.[0] ?? Number.NaN))).toBeLessThan(0.006);
        expect(Math.abs(y - (quad[corner]?.[1] ?? Number.NaN))).toBeLessThan(0.006);
      }
      if (quad.some(([x, y]) => x < 0 || y < 0 || x > pixel_size[0] || y > pixel_size[1])) outside++;
    }
    expect(outside).toBeGreaterThanOrEqual(4);
    expect(outside).toBeLessThanOrEqual(12);
  });

  test('faces are drawn where the landmarks are: dark pupils, a brighter nose between and below', async () => {
    for (const [key, { image }] of records) {
      const { face_landmarks, file_path } = present(image);
      const path = join(sample.folder, file_path);
      const { data, info } = await sharp(path).greyscale().raw().toBuffer({ resolveWithObject: true });
      const brightness = ([x, y]: Point) => data[Math.round(y) * info.width + Math.round(x)] ?? Number.NaN;
      const nose = brightness(present(face_landmarks[29]));
      for (const eye of [face_landmarks.slice(36, 42), face_landmarks.slice(42, 48)]) {
        expect(brightness(middle(eye)), `record ${key}`).toBeLessThan(Math.min(60, nose));
      }
    }
  });
});

describe('making a sample', () => {
  let one: Sample;
  let two: Sample;
  let made: string;
  beforeAll(async () => {
    made = await mkdtemp(join(tmpdir(), 'ffhq-sample-test-'));
    one = await makeSample({ folder: join(made, 'one'), records: 1 });
    two = await makeSample({ folder: join(made, 'two'), records: 2 });
  });
  afterAll(() => rm(made, { recursive: true, force: true }));

  /** A made folder that a test may alter. */
  async function copyOf(sample: Sample): Promise<string> {
    const folder = await freshFolder();
    await cp(sample.folder, folder, { recursive: true });
    return folder;
  }

  test('the bytes are the same every time, and others for another seed', async () => {
    const [second, other] = [
      await makeSample({ folder: await freshFolder(), records: 2 }),
      await makeSample({ folder: await freshFolder(), records: 1, seed: 2 }),
    ];
    expect(digestsOf(second)).toEqual(digestsOf(two));
    const pictures = (sample: Sample) => digestsOf(sample).filter((line) => line.includes('.png'));
    for (const line of pictures(other)) expect(pictures(two)).not.toContain(line);
  });

  test('a complete folder is used as it is', async () => {
    const { folder } = one;
    const before = await times(one);
    let progress = 0;
    const again = await makeSample({ folder, records: 1, onProgress: () => progress++ });
    expect(again).toEqual(one);
    expect(await times(again)).toEqual(before);
    expect(progress).toBe(0);
  });

  test('a folder in which a file was lost, or altered with its size kept, is made again', async () => {
    const folder = await copyOf(one);
    const first = await makeSample({ folder, records: 1 });
    const [lost, altered] = [...first.files.values()].filter(({ name }) => name.endsWith('.png'));
    await unlink(present(lost).path);
    expect(digestsOf(await makeSample({ folder, records: 1 }))).toEqual(digestsOf(first));
    expect((await stat(present(lost).path)).size).toBe(lost?.size);

    const bytes = await readFile(present(altered).path);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
    await writeFile(present(altered).path, bytes);
    await makeSample({ folder, records: 1 });
    expect(md5(await readFile(present(altered).path))).toBe(altered?.md5);
  });

  test('making stops when told to, and the next time the half-made folder is made whole', async () => {
    const folder = await freshFolder();
    const stop = new AbortController();
    const onProgress = (done: number) => {
      if (done === 1) stop.abort(new Error('stopped by the test'));
    };
    await expect(makeSample({ folder, records: 2, onProgress, signal: stop.signal })).rejects.toThrow(
      'stopped by the test',
    );
    const leftOver = await readdir(folder, { recursive: true });
    expect(leftOver.filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(leftOver).not.toContain('ffhq-dataset-v2.json');

    const whole = await makeSample({ folder, records: 2 });
    expect(digestsOf(whole)).toEqual(digestsOf(two));
  });

  test('files of a larger earlier sample are taken away', async () => {
    const folder = await copyOf(two);
    await makeSample({ folder, records: 1 });
    const pictures = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.png'));
    expect(pictures).toHaveLength(3);
  });

  test('a folder with files of somebody else is refused, and none of them is touched', async () => {
    const folder = await freshFolder();
    await writeFile(join(folder, 'LICENSE.txt'), 'mine');
    await expect(makeSample({ folder, records: 1 })).rejects.toThrow(/expected an empty folder/);
    expect(await readdir(folder)).toEqual(['LICENSE.txt']);
    expect(await readFile(join(folder, 'LICENSE.txt'), 'utf8')).toBe('mine');
  });

  test('a number of records that cannot be made is refused', async () => {
    const folder = await freshFolder();
    for (const records of [0, 1.5, 1001, Number.NaN]) {
      await expect(makeSample({ folder, records })).rejects.toThrow(/expected 1 to 1000/);
    }
  });
});

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('expected a value, got none');
  return value;
}

async function times(sample: Sample): Promise<number[]> {
  return Promise.all([...sample.files.values()].map(async ({ path }) => (await stat(path)).mtimeMs));
}

function middle(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([x, y], [u, v]) => [x + u, y + v], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

/** Steps 1 to 3 of the recipe, written down on their own. */
function recipeQuad(points: readonly Point[]): Point[] {
  const [leftX, leftY] = middle(points.slice(36, 42));
  const [rightX, rightY] = middle(points.slice(42, 48));
  const [mouthX, mouthY] = middle([present(points[48]), present(points[54])]);
  const [eyesX, eyesY] = [(leftX + rightX) / 2, (leftY + rightY) / 2];
  const [toRightX, toRightY] = [rightX - leftX, rightY - leftY];
  const [toMouthX, toMouthY] = [mouthX - eyesX, mouthY - eyesY];
  const direction = [toRightX + toMouthY, toRightY - toMouthX] as const;
  const scale = Math.max(2 * Math.hypot(toRightX, toRightY), 1.8 * Math.hypot(toMouthX, toMouthY));
  const [x, y] = direction.map((part) => (part / Math.hypot(...direction)) * scale) as [number, number];
  const [cx, cy] = [eyesX + 0.1 * toMouthX, eyesY + 0.1 * toMouthY];
  return [
    [cx - x + y, cy - y - x],
    [cx - x - y, cy - y + x],
    [cx + x - y, cy + y + x],
    [cx + x + y, cy + y - x],
  ];
}

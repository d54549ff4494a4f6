import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alignPicture } from '../../../src/activities/align/threads/align-picture.ts';
import { makeAlignTools } from '../../../src/activities/kernels/make-align-tools.ts';
import type { AlignOptions } from '../../../src/domain/align/align-options.ts';
import { isCrop } from '../../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../../src/domain/align/crop-planner.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';

interface Digests {
  readonly pixel_md5: string;
  readonly file_md5: string;
}
interface PublishedRecord {
  readonly in_the_wild: {
    readonly file_path: string;
    readonly file_md5: Md5;
    readonly pixel_size: readonly [number, number];
    readonly face_landmarks: unknown;
  };
}
type Expected = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Digests>>>>>>;

/** Photographs with the reference's own results. They are not ours to publish, so they lie outside the repository. */
const golden = resolve(process.env.FFHQ_GOLDEN ?? '../shared/golden');
const isThere = existsSync(join(golden, 'expected.json'));
const SMALL = ['0', '8', '10'];
/** Of the options beside the default: padded and not, at the border, large flat areas. FFHQ_GOLDEN_WHOLE=1 takes every picture. */
const SOME = ['6', '8', '10', '11', '0'];
const isWhole = process.env.FFHQ_GOLDEN_WHOLE === '1';

describe.skipIf(!isThere)(`photographs and what the reference makes of them [${golden}]`, () => {
  it('is what the SIMD kernels make, under all options, pixels and file', { timeout: 300_000 }, async () => {
    for (const [manifest, byOptions] of Object.entries(await expected())) {
      for (const [flags, all] of Object.entries(byOptions)) {
        const digests = flags === '--align' || isWhole ? all : chosen(all, SOME);
        expect(Object.keys(digests).length).toBeGreaterThanOrEqual(2);
        expect(await aligned(manifest, flags, digests, { simd: true, file: true }), flags).toEqual(digests);
      }
    }
  });

  it('is what the plain kernels make too', { timeout: 300_000 }, async () => {
    const all = (await expected())['ffhq-dataset-v2.json']?.['--align'] ?? {};
    // Half a minute for the widest blurs: some of the small ones will do, padded and not.
    const some = chosen(all, SMALL);
    const pixels = (digests: Digests) => digests.pixel_md5;
    const made = await aligned('ffhq-dataset-v2.json', '--align', some, { simd: false, file: false });
    expect(Object.values(made).map(pixels)).toEqual(Object.values(some).map(pixels));
    expect(Object.keys(some)).toEqual(SMALL);
  });
});

function chosen<Value>(all: Readonly<Record<string, Value>>, keys: readonly string[]): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key)));
}

async function expected(): Promise<Expected> {
  return JSON.parse(await readFile(join(golden, 'expected.json'), 'utf8')).manifest;
}

async function aligned(
  manifest: string,
  flags: string,
  wanted: Readonly<Record<string, unknown>>,
  how: { readonly simd: boolean; readonly file: boolean },
): Promise<Record<string, Digests & { file_size: number }>> {
  const records: Record<string, PublishedRecord> = JSON.parse(await readFile(join(golden, manifest), 'utf8'));
  const options = optionsOf(flags);
  const planner = new CropPlanner(Object.keys(records).length, options);
  const tools = makeAlignTools(how.simd);
  const made: Record<string, Digests & { file_size: number }> = {};
  for (const [key, { in_the_wild: wild }] of Object.entries(records)) {
    const [width, height] = wild.pixel_size;
    const crop = planner.plan({ landmarks: wild.face_landmarks, width, height });
    if (!(key in wanted)) continue;
    if (!isCrop(crop)) throw new Error(`record ${key}: ${crop.detail}`);
    const path = join(golden, wild.file_path);
    const answer = await alignPicture(
      {
        bytes: await readFile(path),
        original: { path, md5: wild.file_md5 },
        ...{ crop, enablePadding: options.enablePadding, fileIdentical: how.file },
      },
      tools,
    );
    if (answer.status !== 'aligned') throw new Error(`record ${key}: ${JSON.stringify(answer)}`);
    made[key] = { pixel_md5: answer.pixelMd5, file_md5: answer.md5, file_size: answer.png.length };
  }
  return made;
}

function optionsOf(flags: string): AlignOptions {
  return {
    rotateLevel: !flags.includes('--no-rotation'),
    randomShift: Number(/--random-shift (\S+)/.exec(flags)?.[1] ?? 0),
    retryCrops: flags.includes('--retry-crops'),
    enablePadding: !flags.includes('--no-padding'),
  };
}

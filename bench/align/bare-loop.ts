/**
 * The same threads without Temporal: no records, no resume. Usage: bare-loop.ts DATASET OUT THREADS [LANES]. With more
 * lanes than threads, as a worker has, files are read and written while the threads compute.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlignPool } from '../../src/activities/align/threads/align-pool.ts';
import { defaultAlignOptions } from '../../src/domain/align/align-options.ts';
import { isCrop } from '../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../src/domain/align/crop-planner.ts';
import type { Md5 } from '../../src/domain/dataset/ids.ts';

interface Published {
  readonly in_the_wild: {
    readonly file_path: string;
    readonly file_md5: Md5;
    readonly pixel_size: readonly [number, number];
    readonly face_landmarks: unknown;
  };
  readonly image: { readonly pixel_md5: Md5 };
}

const [folder = '', out = '', threads = '1', lanes = threads] = process.argv.slice(2);
const manifest: Record<string, Published> = JSON.parse(
  readFileSync(join(folder, 'ffhq-dataset-v2.json'), 'utf8'),
);
const records = Object.entries(manifest);
const planner = new CropPlanner(records.length, defaultAlignOptions);
const pool = new AlignPool(Number(threads));
const { signal } = new AbortController();
mkdirSync(out, { recursive: true });
let next = 0;

async function lane(): Promise<void> {
  for (let record = records[next++]; record !== undefined; record = records[next++]) {
    const [key, { in_the_wild: wild, image }] = record;
    const [width, height] = wild.pixel_size;
    const crop = planner.plan({ landmarks: wild.face_landmarks, width, height });
    if (!isCrop(crop)) throw new Error(`record ${key}: expected a face, got ${crop.detail}`);
    const answer = await pool.align(
      {
        original: { path: join(folder, wild.file_path), md5: wild.file_md5 },
        ...{ crop, enablePadding: true, fileIdentical: false, output: join(out, `${key}.png`) },
        published: image.pixel_md5,
      },
      signal,
    );
    if (answer.status !== 'aligned' || answer.pixelMd5 !== image.pixel_md5) {
      throw new Error(`record ${key}: expected the published pixels, got ${JSON.stringify(answer)}`);
    }
  }
}

const started = performance.now();
await Promise.all(Array.from({ length: Number(lanes) }, lane));
console.log(`seconds ${((performance.now() - started) / 1000).toFixed(2)}`);
await pool.close();

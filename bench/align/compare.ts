// One thread against NVIDIA's function on the same pictures, alternating, medians: `npm run bench:align -- [folder] [rounds]`.
// `folder` holds ffhq-dataset-v2.json and its originals; default: a sample dataset. FFHQ_REFERENCE and FFHQ_PYTHON as for
// bench:download. Seconds of ours are of the processor: inflating runs on another thread of the process.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { alignPicture } from '../../src/activities/align/align-picture.ts';
import { makeAlignTools } from '../../src/activities/align/make-kernels.ts';
import { defaultAlignOptions } from '../../src/domain/align/align-options.ts';
import { isCrop } from '../../src/domain/align/align-spec.ts';
import { cropSteps } from '../../src/domain/align/crop-steps.ts';
import { CropPlanner } from '../../src/domain/align/plan-crops.ts';
import type { Md5 } from '../../src/domain/ids.ts';
import { makeSample } from '../../src/sample/make-sample.ts';
import { Reference } from './reference.ts';

interface Original {
  readonly file_path: string;
  readonly file_md5: Md5;
  readonly pixel_size: readonly [number, number];
  readonly face_landmarks: unknown;
}
type Manifest = Record<
  string,
  { readonly in_the_wild: Original; readonly image: { readonly pixel_md5: string } }
>;

const [given, roundsText] = process.argv.slice(2);
const rounds = Number(roundsText ?? 3);
const folder = given ?? (await sampleFolder());
const manifest = JSON.parse(readFileSync(join(folder, 'ffhq-dataset-v2.json'), 'utf8')) as Manifest;
const reference = new Reference(join(folder, 'ffhq-dataset-v2.json'), folder);
console.log('reference:', await reference.answer());
const planner = new CropPlanner(Object.keys(manifest).length, defaultAlignOptions);
const tools = makeAlignTools(true);
const output = mkdtempSync(join(tmpdir(), 'ffhq-bench-align-'));
const ratios: {
  readonly padded: boolean;
  readonly megapixels: number;
  readonly ratio: number;
  readonly key: string;
}[] = [];
try {
  for (const [key, record] of Object.entries(manifest)) await compare(key, record);
} finally {
  reference.close();
  rmSync(output, { recursive: true });
}
for (const padded of [false, true]) {
  const some = ratios.filter((one) => one.padded === padded).map(({ ratio }) => ratio);
  if (some.length > 0) {
    console.log(
      `${padded ? 'padded' : 'unpadded'}: ${some.length} pictures, ratio median ${median(some).toFixed(2)}, ` +
        `${Math.min(...some).toFixed(2)} to ${Math.max(...some).toFixed(2)}`,
    );
  }
}

async function compare(key: string, { in_the_wild: wild, image }: Manifest[string]): Promise<void> {
  const [width, height] = wild.pixel_size;
  const crop = planner.plan({ landmarks: wild.face_landmarks, width, height });
  if (!isCrop(crop)) return;
  const ours: number[] = [];
  const theirs: number[] = [];
  let verdict = '';
  for (let round = 0; round <= rounds; round++) {
    const started = process.cpuUsage();
    const answer = await alignPicture(
      {
        original: { path: join(folder, wild.file_path), md5: wild.file_md5 },
        ...{ crop, enablePadding: true, fileIdentical: false },
        output: join(output, `${key}-${round}.png`),
      },
      tools,
    );
    const { user, system } = process.cpuUsage(started);
    const { seconds, pixelMd5 } = await reference.align(key);
    verdict = answer.status === 'aligned' && answer.pixelMd5 === pixelMd5 ? 'identical' : 'DIFFERENT';
    if (image.pixel_md5 !== pixelMd5) verdict += ', reference itself differs from the manifest';
    // The first round warms both up.
    if (round === 0) continue;
    ours.push((user + system) / 1e6);
    theirs.push(seconds);
  }
  const steps = cropSteps(crop, { width, height }, true);
  const ratio = median(theirs) / median(ours);
  const padded = steps.pad !== undefined;
  ratios.push({ padded, megapixels: (width * height) / 1e6, ratio, key });
  console.log(
    `${key} ${width}x${height} quad ${Math.round(crop.size)}${padded ? ` padded, sigma ${steps.sigma.toFixed(0)}` : ''}: ` +
      `reference ${median(theirs).toFixed(3)} s, ours ${median(ours).toFixed(3)} s, ${ratio.toFixed(2)}x, ${verdict}`,
  );
}

async function sampleFolder(): Promise<string> {
  const at = join(homedir(), '.cache/ffhq/bench/sample');
  await makeSample({ folder: at });
  return at;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

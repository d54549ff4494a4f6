// One thread against NVIDIA's function on the same pictures, alternating, medians: `npm run bench:align -- [folder] [rounds]`.
// `folder` holds ffhq-dataset-v2.json and its originals, or is `real`: originals of the real sizes, made for this; default:
// a sample dataset. FFHQ_REFERENCE and FFHQ_PYTHON as for
// bench:download. Seconds are of the processor, of all threads of a process.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { AlignPool } from '../../src/activities/align/threads/align-pool.ts';
import type { AlignTask } from '../../src/activities/align/threads/align-task.ts';
import { openOriginal } from '../../src/activities/align/threads/open-original.ts';
import { makeAlignTools } from '../../src/activities/kernels/make-align-tools.ts';
import { encodePng } from '../../src/activities/png/encode-png.ts';
import { defaultAlignOptions } from '../../src/domain/align/align-options.ts';
import { type Crop, isCrop } from '../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../src/domain/align/crop-planner.ts';
import { cropSteps } from '../../src/domain/align/crop-steps.ts';
import { md5Of } from '../../src/domain/dataset/digest.ts';
import type { Md5 } from '../../src/domain/dataset/ids.ts';
import type { Box } from '../../src/domain/raster/picture.ts';
import { wholePicture } from '../../src/domain/raster/picture-rows.ts';
import { makeSample } from '../../src/sample/make-sample.ts';
import { type Timed, tellSizes } from './by-size.ts';
import { realSizesFolder } from './real-sizes.ts';
import { Reference } from './reference.ts';

interface Original {
  readonly file_path: string;
  readonly file_md5: Md5;
  readonly pixel_size: readonly [number, number];
  readonly face_landmarks: unknown;
}
type Manifest = Record<
  string,
  { readonly in_the_wild: Original; readonly image: { readonly pixel_md5: Md5 } }
>;

const [given, roundsText] = process.argv.slice(2);
const rounds = Number(roundsText ?? 3);
const isReal = given === 'real';
const folder = isReal ? await realSizesFolder() : (given ?? (await sampleFolder()));
const manifest = JSON.parse(readFileSync(join(folder, 'ffhq-dataset-v2.json'), 'utf8')) as Manifest;
const reference = new Reference(join(folder, 'ffhq-dataset-v2.json'), folder);
console.log('reference:', await reference.answer());
const planner = new CropPlanner(Object.keys(manifest).length, defaultAlignOptions);
// A thread of the program's own: what lies in this one's heap is not part of aligning.
const pool = new AlignPool(1);
const never = new AbortController().signal;
const WARM_UP_ROUNDS = 4;
const tools = makeAlignTools(true);
const output = mkdtempSync(join(tmpdir(), 'ffhq-bench-align-'));
let lastAligned: Uint8Array = new Uint8Array(0);
const timed: Timed[] = [];
try {
  await warmUp();
  for (const [key, record] of Object.entries(manifest)) await compare(key, record);
} finally {
  reference.close();
  await pool.close();
  rmSync(output, { recursive: true });
}
for (const padded of [false, true]) {
  const some = timed.filter((one) => one.padded === padded);
  if (some.length === 0) continue;
  const ratios = some.map(({ ours, theirs }) => theirs / ours);
  const sum = (of: 'ours' | 'theirs') => some.reduce((all, one) => all + one[of], 0);
  console.log(
    `${padded ? 'padded' : 'unpadded'}: ${some.length} pictures, ratio median ${median(ratios).toFixed(2)}, ` +
      `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}; all together ${(sum('theirs') / sum('ours')).toFixed(2)}`,
  );
}
if (isReal) tellSizes(timed);

/** A thread aligns thousands of pictures of all kinds; what its first ones cost for compiling the kernels does not count. */
async function warmUp(): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    for (const [key, record] of Object.entries(manifest)) {
      const crop = cropOf(record.in_the_wild);
      if (crop) await pool.align(taskOf(record, crop, `warm-${key}-${round}`), never);
    }
  }
}

function cropOf({ pixel_size: [width, height], face_landmarks: landmarks }: Original): Crop | undefined {
  const crop = planner.plan({ landmarks, width, height });
  return isCrop(crop) ? crop : undefined;
}

function taskOf({ in_the_wild: wild, image }: Manifest[string], crop: Crop, name: string): AlignTask {
  return {
    original: { path: join(folder, wild.file_path), md5: wild.file_md5 },
    ...{ crop, enablePadding: true, fileIdentical: false, output: join(output, `${name}.png`) },
    published: image.pixel_md5,
  };
}

async function compare(key: string, record: Manifest[string]): Promise<void> {
  const { in_the_wild: wild, image } = record;
  const [width, height] = wild.pixel_size;
  const crop = cropOf(wild);
  if (!crop) return;
  const ours: number[] = [];
  const theirs: number[] = [];
  let verdict = '';
  for (let round = 0; round <= rounds; round++) {
    const started = process.cpuUsage();
    const answer = await pool.align(taskOf(record, crop, `${key}-${round}`), never);
    const { user, system } = process.cpuUsage(started);
    const { cpu, pixelMd5 } = await reference.align(key);
    if (round === rounds) lastAligned = await pixelsOf(join(output, `${key}-${round}.png`));
    verdict = answer.status === 'aligned' && answer.pixelMd5 === pixelMd5 ? 'identical' : 'DIFFERENT';
    if (image.pixel_md5 !== pixelMd5) verdict += ', reference itself differs from the manifest';
    // The first round warms both up.
    if (round === 0) continue;
    ours.push((user + system) / 1e6);
    theirs.push(cpu);
  }
  const steps = cropSteps(crop, { width, height }, true);
  const ratio = median(theirs) / median(ours);
  const padded = steps.pad !== undefined;
  const { size: bytes } = statSync(join(folder, wild.file_path));
  timed.push({ width, height, bytes, padded, ours: median(ours), theirs: median(theirs) });
  const isLarge = !padded && width * height >= 10_000_000;
  const floor = isLarge ? (await floorOf(wild, steps.box)) / median(ours) : 0;
  console.log(
    `${key} ${width}x${height} quad ${Math.round(crop.size)}${padded ? ` padded, sigma ${steps.sigma.toFixed(0)}` : ''}: ` +
      `reference ${median(theirs).toFixed(3)} s, ours ${median(ours).toFixed(3)} s, ${ratio.toFixed(2)}x, ${verdict}` +
      (isLarge
        ? `; inflating, the MD5 of the pixels and encoding are ${(100 * floor).toFixed(0)} % of ours`
        : ''),
  );
}

/** Seconds of the processor for what no aligner can do without: inflating as far as the crop reaches, the pixels' MD5, encoding. */
async function floorOf({ file_path }: Original, box: Box): Promise<number> {
  const bytes = readFileSync(join(folder, file_path));
  const seconds: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const started = process.cpuUsage();
    const { read } = await openOriginal(bytes, tools.rows);
    (await read(box)).read(() => {});
    const picture = { width: 1024, height: 1024, data: lastAligned };
    md5Of(picture.data);
    encodePng(picture, tools.rows, tools.deflate);
    const { user, system } = process.cpuUsage(started);
    seconds.push((user + system) / 1e6);
  }
  return median(seconds.slice(1));
}

async function pixelsOf(path: string): Promise<Uint8Array> {
  const { size, read } = await openOriginal(readFileSync(path), tools.rows);
  return wholePicture(await read({ left: 0, top: 0, right: size.width, bottom: size.height })).data;
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

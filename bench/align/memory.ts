/**
 * Peak memory of one thread, and of NVIDIA's function, for a padded face in a photograph of 24 megapixels: a picture of the
 * sample made larger. npm run bench:align-memory
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { makeSample } from '../../src/sample/make-sample.ts';
import { root } from '../contestant.ts';
import { measure } from '../measure.ts';
import { emptyFolder } from '../origin.ts';
import { Reference } from './reference.ts';

const [width, height] = [6_000, 4_000];
/** Side of the quad, in pixels: just below the size from which originals are shrunk first. */
const QUAD = 4_000;
const folder = join(homedir(), '.cache/ffhq/bench/large');
const manifest = join(folder, 'ffhq-dataset-v2.json');
if (!existsSync(manifest)) await makeLarge();

const reference = new Reference(manifest, folder);
await reference.answer();
const theirs = await reference.align('0');
reference.close();
publish(theirs.pixelMd5);
const out = await emptyFolder('memory');
const loop = fileURLToPath(new URL('bare-loop.ts', import.meta.url));
const idle = await measure(process.execPath, ['--import', 'tsx', '-e', "await import('sharp')"], {
  cwd: root,
});
const ours = await measure(process.execPath, ['--import', 'tsx', loop, folder, out, '1'], { cwd: root });
await rm(out, { recursive: true });
const peak = (peaks: Readonly<Record<string, number>>) => Math.max(...Object.values(peaks));
console.log(
  `${width}x${height}, quad ${QUAD}, padded: exit ${ours.code}; ours ${peak(ours.peakMb).toFixed(0)} MB ` +
    `(${(peak(ours.peakMb) - peak(idle.peakMb)).toFixed(0)} above an idle process), reference ${theirs.peakMb.toFixed(0)} MB`,
);
if (ours.code !== 0) console.log(ours.output.slice(-2000));

async function makeLarge(): Promise<void> {
  const sample = join(homedir(), '.cache/ffhq/bench/sample');
  await makeSample({ folder: sample });
  const records = JSON.parse(readFileSync(join(sample, 'ffhq-dataset-v2.json'), 'utf8'));
  const wild = records['0'].in_the_wild;
  const points = wild.face_landmarks as [number, number][];
  const [[x0 = 0, y0 = 0] = [], , [x2 = 0, y2 = 0] = []] = wild.face_quad as number[][];
  const side = Math.hypot(x2 - x0, y2 - y0) / Math.SQRT2;
  const scale = QUAD / side;
  mkdirSync(join(folder, 'in-the-wild-images/00000'), { recursive: true });
  const path = 'in-the-wild-images/00000/00000.png';
  const file = await sharp(join(sample, wild.file_path))
    .resize({ width, height, fit: 'cover' })
    .png()
    .toBuffer();
  writeFileSync(join(folder, path), file);
  // The face in the middle, as large as asked for: what is in the picture there does not matter for memory.
  const centre: [number, number] = [(x0 + x2) / 2, (y0 + y2) / 2];
  const face_landmarks = points.map(([x, y]) => [
    width / 2 + (x - centre[0]) * scale,
    height / 2 + (y - centre[1]) * scale,
  ]);
  const file_md5 = createHash('md5').update(file).digest('hex');
  const record = {
    in_the_wild: { ...wild, file_path: path, file_size: file.length, file_md5, face_landmarks },
    image: { ...records['0'].image, pixel_md5: '' },
  };
  record.in_the_wild.pixel_size = [width, height];
  writeFileSync(manifest, JSON.stringify({ 0: record }));
}

function publish(pixelMd5: string): void {
  const records = JSON.parse(readFileSync(manifest, 'utf8'));
  records['0'].image.pixel_md5 = pixelMd5;
  writeFileSync(manifest, JSON.stringify(records));
}

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alignPicture } from '../../src/activities/align/threads/align-picture.ts';
import { makeAlignTools } from '../../src/activities/kernels/make-align-tools.ts';
import { encodeLikePillow } from '../../src/activities/png/encode-png.ts';
import { defaultAlignOptions } from '../../src/domain/align/align-options.ts';
import { isCrop } from '../../src/domain/align/align-spec.ts';
import { CropPlanner } from '../../src/domain/align/crop-planner.ts';
import { md5Of } from '../../src/domain/dataset/digest.ts';
import { drawPhoto } from '../../src/sample/draw-photo.ts';
import type { PhotoPlan } from '../../src/sample/draw-up-photos.ts';
import { placedLandmarks } from '../../src/sample/face/face-geometry.ts';
import { randomLook } from '../../src/sample/face/face-look.ts';
import { randomShape } from '../../src/sample/face/face-shape.ts';
import { Random } from '../../src/sample/random/random.ts';

/** Raised whenever other bytes are made. */
const VERSION = 1;

/** Width and height; where the face is, as shares of them; distance between the eyes in pixels; tilt. */
type Composition = readonly [
  width: number,
  height: number,
  x: number,
  y: number,
  eyeDistance: number,
  tilt: number,
];

/** As cameras of FFHQ's years have them. Together they have the mean of FFHQ's files, 14.6 MB; two faces are padded. */
const compositions: readonly Composition[] = [
  [1600, 1200, 0.5, 0.42, 150, 0.04],
  [2592, 1944, 0.48, 0.42, 240, -0.06],
  [3264, 2448, 0.5, 0.4, 420, 0.05],
  [3264, 2448, 0.14, 0.4, 330, 0.05],
  [3888, 2592, 0.52, 0.44, 300, 0.1],
  [4000, 3000, 0.5, 0.42, 480, -0.03],
  [4000, 3000, 0.88, 0.42, 380, 0.02],
  [4288, 2848, 0.46, 0.42, 520, 0.07],
  [4896, 3264, 0.5, 0.44, 360, -0.12],
  [6720, 4480, 0.5, 0.42, 640, 0.03],
];

/**
 * A folder of originals of the real sizes, made where it is not there yet: noise of a sensor, filtered and deflated as
 * Pillow does it (zlib, level 6). A minute or two.
 */
export async function realSizesFolder(): Promise<string> {
  const folder = join(homedir(), `.cache/ffhq/bench/real-sizes-${VERSION}`);
  const manifest = join(folder, 'ffhq-dataset-v2.json');
  if (isThere(folder, manifest)) return folder;
  mkdirSync(join(folder, 'in-the-wild-images/00000'), { recursive: true });
  const records: Record<string, unknown> = {};
  for (const [index, composition] of compositions.entries()) {
    records[index] = await makeRecord(folder, index, composition);
    console.error(`made ${index + 1} of ${compositions.length} originals`);
  }
  // Last: without it all of them are made again.
  writeFileSync(manifest, JSON.stringify(records));
  return folder;
}

async function makeRecord(folder: string, index: number, composition: Composition): Promise<unknown> {
  const plan = planOf(composition, index);
  const tools = makeAlignTools(true);
  const bytes = encodeLikePillow(await drawPhoto(plan), tools.rows);
  const path = `in-the-wild-images/00000/0000${index}.png`;
  writeFileSync(join(folder, path), bytes);
  const { width, height } = plan;
  const landmarks = plan.faces.flatMap(({ shape, placement }) => placedLandmarks(shape, placement));
  const crop = new CropPlanner(1, defaultAlignOptions).plan({ landmarks, width, height });
  if (!isCrop(crop)) throw new Error(`original ${index}: expected a face, got ${crop.detail}`);
  const task = { original: { path }, crop, enablePadding: true, fileIdentical: false, bytes };
  const answer = await alignPicture(task, tools);
  if (answer.status !== 'aligned') throw new Error(`original ${index}: ${answer.failure.detail}`);
  return {
    image: { pixel_md5: answer.pixelMd5 },
    in_the_wild: {
      file_path: path,
      file_size: bytes.length,
      file_md5: md5Of(bytes),
      pixel_size: [width, height],
      face_landmarks: landmarks,
    },
  };
}

function planOf([width, height, x, y, eyeDistance, tilt]: Composition, index: number): PhotoPlan {
  const random = new Random(VERSION, 0x7265616c, index);
  const placement = { x: x * width, y: y * height, eyeDistance, tilt };
  const seed = random.bits();
  const faces = [{ shape: randomShape(random), look: randomLook(random), placement }];
  return { seed, width, height, textLength: 0, faces };
}

function isThere(folder: string, manifest: string): boolean {
  try {
    const records: Record<string, { in_the_wild: { file_path: string; file_md5: string } }> = JSON.parse(
      readFileSync(manifest, 'utf8'),
    );
    return Object.values(records).every(
      ({ in_the_wild: { file_path, file_md5 } }) => md5Of(readFileSync(join(folder, file_path))) === file_md5,
    );
  } catch {
    return false;
  }
}

import { cpSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import type { Folder } from '../../../src/domain/dataset/ids.ts';
import type { RunContext } from '../../../src/domain/run/run.ts';
import { attempts } from '../../crash-states/judge/attempts.ts';
import { newWorker, Threads } from '../../crash-states/judge/worker-activities.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { requestOf } from '../../support/request-of.ts';

let root: string;
let threads: Threads;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-moved-'));
  threads = new Threads();
  await mkdir(join(root, 'photos'));
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  await sharp({ create: { width: 300, height: 300, channels: 3, background: 'teal', noise } })
    .png()
    .toFile(join(root, 'photos/anna.png'));
});
afterAll(async () => {
  await threads.close();
  await rm(root, { recursive: true });
});
beforeEach(() => rm(out(), { recursive: true, force: true }));

const out = () => join(root, 'out');
const picture = () => join(out(), 'aligned/anna_0.png');
const face = Array.from({ length: 68 }, (_, at) => [100 + at, 100 + ((at * 7) % 60)]);

/** Aligns Anna's face, before which as many others are numbered. */
async function alignAnna(facesBefore: number, options: Partial<typeof alignByDefault.options> = {}) {
  const landmarks = join(root, 'faces.json');
  const others = facesBefore === 0 ? {} : { 'crowd.png': Array(facesBefore).fill(face) };
  await writeFile(landmarks, JSON.stringify({ ...others, 'anna.png': [face] }));
  const photos = join(root, 'photos');
  const context: RunContext = {
    store: await ensureStore(out()),
    owner: { workflowId: 'w', clusterId: 'c', address: 'a', namespace: 'n' },
    run: `with-${facesBefore}`,
    request: requestOf({
      kinds: ['align'],
      manifest: { name: 'photos', folder: photos, landmarks },
      license: { name: 'none' },
      align: {
        ...alignByDefault,
        options: { ...alignByDefault.options, ...options },
        folder: 'aligned',
        sourceDir: photos,
      },
    }),
  };
  const { activities, close } = newWorker(out(), 'http://127.0.0.1:1', threads);
  try {
    await attempts('claimStore', activities.claimStore, { ...context, takeOver: false });
    const { md5: manifestMd5 } = await attempts('planPhotos', activities.planPhotos, context);
    const folder = (facesBefore < 1000 ? '00000' : '01000') as Folder;
    const files = { kind: 'align', folder, ids: String(facesBefore), manifestMd5 } as const;
    const result = await attempts('alignBundle', activities.alignBundle, { ...context, files });
    const question = { ...context, kind: 'align', folder, manifestMd5, settledIds: '' } as const;
    const plan = await attempts('planShard', activities.planShard, {
      ...question,
      request: { ...context.request, ids: String(facesBefore) },
    });
    return { tally: result.tally, left: plan.bundles.length };
  } finally {
    await close();
  }
}

test('a picture whose face moves into another thousand stays as it was made, there and back, and is planned no more', async () => {
  expect(await alignAnna(999)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  const { mtimeMs } = await stat(picture());
  expect(await alignAnna(1000)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 }, left: 0 });
  expect(await alignAnna(999)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 }, left: 0 });
  expect((await stat(picture())).mtimeMs).toBe(mtimeMs);
});

test('a picture whose face moved is replaced where other options ask for another one', async () => {
  await alignAnna(999);
  const before = await readFile(picture());
  const moved = await alignAnna(1000, { rotateLevel: false });
  expect(moved).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  expect((await readFile(picture())).equals(before)).toBe(false);
  // Back in the first thousand: its records know the place, but not the picture that lies there now.
  const back = await alignAnna(999);
  expect(back).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  expect((await readFile(picture())).equals(before)).toBe(true);
});

test("a file of the user's own in the way of a face that moved is kept", async () => {
  await alignAnna(999);
  await writeFile(picture(), 'my own drawing');
  const moved = await alignAnna(1000);
  expect(moved).toMatchObject({ tally: { failedFiles: 1, failures: { 'not-ours': { count: 1 } } } });
  expect(await readFile(picture(), 'utf8')).toBe('my own drawing');
});

test('killed in the moment in which a picture gets its name, the same command goes on: the record was there before', async () => {
  const snapshot = join(root, 'snapshot');
  const looking = setInterval(() => {
    if (existsSync(snapshot) || !existsSync(picture())) return;
    // The disk as a SIGKILL leaves it now.
    cpSync(out(), snapshot, { recursive: true, preserveTimestamps: true });
  }, 1);
  await alignAnna(0);
  clearInterval(looking);
  await rm(out(), { recursive: true });
  await rename(snapshot, out());
  expect(await alignAnna(0)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 }, left: 0 });
});

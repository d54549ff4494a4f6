import { existsSync } from 'node:fs';
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { RunRequest } from '../../src/domain/run/request.ts';
import type { RunResult } from '../../src/domain/run/workflow-inputs.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { alignByDefault, type ServedDataset, serveFaces } from '../support/datasets/serve-dataset.ts';
import { eventually } from '../support/eventually.ts';
import { pendingActivities, picture, readReport } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const ids = [0, 1, 2, 1000];
/** Where the aligned pictures of the four faces go: by their position in the manifest. */
const aligned = [0, 1, 2, 3].map((position) => `realign1024x1024/00000/0000${position}.png`);

async function faces(request: Partial<RunRequest>): Promise<ServedDataset> {
  const dataset = await serveFaces({ align: alignByDefault, ...request });
  onTestFinished(() => dataset.close());
  return dataset;
}

async function aligner(dataset: ServedDataset): Promise<RunningWorker> {
  const worker = await bench.startWorker(dataset, { alignThreads: 2 });
  onTestFinished(() => worker.shutdown());
  return worker;
}

async function run(dataset: ServedDataset, request: Partial<RunRequest> = {}): Promise<RunResult> {
  return (await bench.startRun(dataset, { request: { ...dataset.request, ...request } })).result();
}

/** Copies originals to a folder, as somebody who has them would. */
async function placeOriginals(dataset: ServedDataset, folder: string, which = ids): Promise<void> {
  for (const id of which) {
    const path = join(folder, picture('wilds', id));
    await mkdir(dirname(path), { recursive: true });
    await copyFile(join(dataset.sample.folder, picture('wilds', id)), path);
  }
}

/** The manifest with something of its records changed. */
async function otherManifest(
  dataset: ServedDataset,
  change: (records: Record<string, Record<string, Record<string, unknown>>>) => void,
): Promise<Partial<RunRequest>> {
  const records = JSON.parse(await readFile(dataset.sample.manifestPath, 'utf8'));
  change(records);
  const location = join(dirname(dataset.out), 'other.json');
  await writeFile(location, JSON.stringify(records));
  return { manifest: { name: 'other', location } };
}

async function mtimes(dataset: ServedDataset): Promise<number[]> {
  return Promise.all(aligned.map(async (path) => (await stat(join(dataset.out, path))).mtimeMs));
}

test('originals are fetched and aligned in one run, every picture identical; a second run does nothing again', async () => {
  const dataset = await faces({ kinds: ['wilds', 'align'] });
  await aligner(dataset);
  const result = await run(dataset);
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.align).toMatchObject({
    files: 4,
    doneFiles: 4,
    fetchedFiles: 4,
    identicalFiles: 4,
  });
  const before = await mtimes(dataset);

  const again = await run(dataset);
  expect(again.progress.kinds.align).toMatchObject({ doneFiles: 4, fetchedFiles: 0, identicalFiles: 4 });
  expect(await mtimes(dataset)).toEqual(before);

  await unlink(join(dataset.out, aligned[2] ?? ''));
  const third = await run(dataset);
  expect(third.progress.kinds.align).toMatchObject({ doneFiles: 4, fetchedFiles: 1, identicalFiles: 4 });
  expect((await mtimes(dataset)).map((time, at) => time === before[at])).toEqual([true, true, false, true]);
});

test('whatever is wrong with one face is its outcome, and the next run works on exactly those', async () => {
  const dataset = await faces({ kinds: ['align'] });
  await aligner(dataset);
  await placeOriginals(dataset, dataset.out, [1, 2, 1000]);
  const damaged = join(dataset.out, picture('wilds', 1000));
  const bytes = await readFile(damaged);
  // Amid the face: what is wrong above it is nobody's concern.
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  await writeFile(damaged, bytes);
  const request = await otherManifest(dataset, (records) => {
    (records['1']?.image ?? {}).pixel_md5 = '0123456789abcdef0123456789abcdef';
    (records['2']?.in_the_wild ?? {}).face_landmarks = Array.from({ length: 68 }, () => [100, 100]);
  });
  const result = await run(dataset, request);
  expect(result.status).toBe('complete with failures');
  expect(result.progress.kinds.align).toMatchObject({ files: 4, doneFiles: 0, failedFiles: 4 });
  const { json, text } = await readReport(dataset);
  expect(json.failures.map(({ key, reason, outcome }) => [key, reason, outcome]).sort()).toEqual([
    ['0', 'missing-original', 'missing'],
    ['1', 'different', 'different'],
    ['1000', 'wrong-original', 'corrupt'],
    ['2', 'degenerate-face', 'refused'],
  ]);
  for (const { whatToDo } of json.failures) expect(text).toContain(whatToDo);
  // What is different is there to be looked at; of the others nothing is.
  expect(aligned.map((path) => existsSync(join(dataset.out, path)))).toEqual([false, true, false, false]);

  await placeOriginals(dataset, dataset.out);
  const again = await run(dataset);
  expect(again.status).toBe('complete');
  expect(again.progress.kinds.align).toMatchObject({ doneFiles: 4, fetchedFiles: 3, identicalFiles: 4 });
});

test('an original that breaks off, or is no plain picture, is told apart by what it is', async () => {
  const dataset = await faces({ kinds: ['align'] });
  await aligner(dataset);
  await placeOriginals(dataset, dataset.out);
  const short = join(dataset.out, picture('wilds', 0));
  await writeFile(short, (await readFile(short)).subarray(0, 400_000));
  await rm(join(dataset.out, picture('wilds', 1)));
  await mkdir(join(dataset.out, picture('wilds', 1)));
  const result = await run(dataset, { ids: '0-1' });
  expect(result.progress.kinds.align).toMatchObject({ files: 2, failedFiles: 2 });
  const { json } = await readReport(dataset);
  const said = Object.fromEntries(json.failures.map(({ key, detail }) => [key, detail]));
  expect(said[0]).toMatch(/expected \d+ bytes, got 400000/);
  expect(said[1]).toContain('expected a regular file');
});

test('an original that is taken by its pixels, in a file of another size, is aligned like any other', async () => {
  const dataset = await faces({ kinds: ['wilds', 'align'], accept: 'pixels' });
  await aligner(dataset);
  await placeOriginals(dataset, dataset.out);
  const other = join(dataset.out, picture('wilds', 1));
  await writeFile(
    other,
    await sharp(await readFile(other))
      .png({ compressionLevel: 1 })
      .toBuffer(),
  );
  const result = await run(dataset);
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.wilds).toMatchObject({ doneFiles: 4, fetchedFiles: 0 });
  expect(result.progress.kinds.align).toMatchObject({ doneFiles: 4, identicalFiles: 4 });
});

test('an original is let go of once its picture is identical, and only one that this run fetched', async () => {
  const dataset = await faces({
    kinds: ['wilds', 'align'],
    align: { ...alignByDefault, discardOriginals: true },
  });
  await aligner(dataset);
  await placeOriginals(dataset, dataset.out, [1]);
  const result = await run(dataset);
  expect(result.status).toBe('complete');
  const there = () => ids.map((id) => existsSync(join(dataset.out, picture('wilds', id))));
  expect(there()).toEqual([false, true, false, false]);
  const fetched = ids.map((id) => dataset.fetches(picture('wilds', id)));
  expect(fetched).toEqual([1, 0, 1, 1]);

  const again = await run(dataset);
  expect(again.status).toBe('complete');
  expect(again.progress.kinds.wilds).toMatchObject({ files: 4, doneFiles: 4, fetchedFiles: 0 });
  expect(there()).toEqual([false, true, false, false]);
  expect(ids.map((id) => dataset.fetches(picture('wilds', id)))).toEqual(fetched);
});

test('a part of a random set is what the whole set would hold, under the same names', async () => {
  const random = { ...alignByDefault, options: { ...alignByDefault.options, randomShift: 0.2 } };
  const dataset = await faces({ kinds: ['align'], align: random });
  await aligner(dataset);
  await placeOriginals(dataset, dataset.out);
  const part = await run(dataset, { ids: '2,1000', align: { ...random, folder: 'part' } });
  expect(part.progress.kinds.align).toMatchObject({ files: 2, doneFiles: 2 });
  expect(part.progress.kinds.align?.identicalFiles).toBeUndefined();
  expect((await readdir(join(dataset.out, 'part/00000'))).sort()).toEqual(['00002.png', '00003.png']);
  await run(dataset);
  for (const name of ['00002.png', '00003.png']) {
    const whole = await readFile(join(dataset.out, 'realign1024x1024/00000', name));
    expect(await readFile(join(dataset.out, 'part/00000', name))).toEqual(whole);
  }
});

test('originals on a disk that is not mounted are waited for, and count against no face', async () => {
  const dataset = await faces({ kinds: ['align'] });
  await aligner(dataset);
  const sourceDir = join(dirname(dataset.out), 'mounted');
  await placeOriginals(dataset, `${sourceDir}-later`);
  const align = { ...alignByDefault, sourceDir };
  const handle = await bench.startRun(dataset, { request: { ...dataset.request, align } });
  const shards = ['00000', '01000'].map((folder) => `${handle.workflowId}/align/${folder}`);
  await eventually('a failed attempt that says what is missing', async () => {
    const pending = await pendingActivities(bench, shards);
    return pending.some(({ lastFailure }) => lastFailure?.message?.includes(sourceDir));
  });
  await rename(`${sourceDir}-later`, sourceDir);
  const result = await handle.result();
  expect(result.status).toBe('complete');
  expect(result.progress.kinds.align).toMatchObject({ doneFiles: 4, identicalFiles: 4 });
});

test('a cancelled run stops its threads, leaves nothing half done, and the next run aligns the rest', async () => {
  const dataset = await faces({ kinds: ['align'] });
  await aligner(dataset);
  await placeOriginals(dataset, dataset.out);
  const handle = await bench.startRun(dataset);
  const folder = join(dataset.out, 'realign1024x1024/00000');
  await eventually('the first face to be worked on', async () => {
    const pending = await pendingActivities(bench, [`${handle.workflowId}/align/00000`]);
    return pending.some(({ lastHeartbeatTime }) => lastHeartbeatTime);
  });
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  const left = await readdir(folder).catch(() => []);
  expect(left.filter((name) => name.endsWith('.ffhq-part'))).toEqual([]);

  const again = await run(dataset);
  expect(again.status).toBe('complete');
  expect(again.progress.kinds.align).toMatchObject({
    doneFiles: 4,
    fetchedFiles: 4 - left.length,
    identicalFiles: 4,
  });
});

test('verify looks at aligned pictures too, and repair aligns what is damaged', async () => {
  const dataset = await faces({ kinds: ['align'] });
  await aligner(dataset);
  await placeOriginals(dataset, dataset.out);
  await run(dataset);
  const path = join(dataset.out, aligned[1] ?? '');
  const bytes = await readFile(path);
  const { atime, mtime } = await stat(path);
  bytes.writeUInt8(bytes.readUInt8(9_000) ^ 1, 9_000);
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);

  const looked = await run(dataset, { trust: 'contents', fetch: 'nothing' });
  expect(looked.progress.kinds.align).toMatchObject({ doneFiles: 3, failedFiles: 1 });
  const repaired = await run(dataset, { trust: 'contents' });
  expect(repaired.progress.kinds.align).toMatchObject({ doneFiles: 4, fetchedFiles: 1, identicalFiles: 4 });
});

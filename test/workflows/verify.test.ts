import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRequest } from '../../src/domain/run/request.ts';
import { openBench, type TestBench } from '../support/datasets/run-dataset.ts';
import { type ServedDataset, serveDataset } from '../support/datasets/serve-dataset.ts';
import { picture, readReport } from '../support/watch-run.ts';

let bench: TestBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** As bit rot does it: size and times stay what they were. */
async function flipByte(path: string): Promise<void> {
  const { atime, mtime, size } = await stat(path);
  const handle = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, Math.floor(size / 2));
  byte[0] = (byte[0] ?? 0) ^ 1;
  await handle.write(byte, 0, 1, Math.floor(size / 2));
  await handle.close();
  await utimes(path, atime, mtime);
}

/** Pictures that the stand-in was asked for since. */
function picturesAsked(dataset: ServedDataset, since: number): string[] {
  const paths = new Map([...dataset.sample.files].map(([id, { filePath }]) => [id, filePath]));
  const asked = dataset.drive.requests.slice(since).map(({ file }) => paths.get(file ?? '') ?? '');
  return [...new Set(asked.filter((path) => path.endsWith('.png')))].sort();
}

test('verify finds what is damaged, missing and foreign and fetches nothing; repair fetches exactly what is wrong', async () => {
  const dataset = await serveDataset({ records: 6, kinds: ['images'] });
  const { out, request } = dataset;
  const at = (path: string) => join(out, path);
  try {
    expect((await bench.runToEnd(dataset)).status).toBe('complete');
    await flipByte(at(picture('images', 1)));
    await rm(at(picture('images', 2)));
    await writeFile(at('images1024x1024/00000/holiday.png'), 'not of the dataset');
    const unfinished = at(`images1024x1024/00000/00005.png.tmp.${'0a'.repeat(16)}`);
    await writeFile(unfinished, 'of the reference script');

    const before = dataset.drive.requests.length;
    const looking: RunRequest = { ...request, trust: 'contents', fetch: 'nothing' };
    const seen = await bench.runToEnd(dataset, { request: looking });
    expect(seen).toMatchObject({ status: 'complete with failures', foreignFiles: 1 });
    expect(dataset.drive.requests.length).toBe(before);
    const { json, text } = await readReport(dataset);
    expect(json.failures.map(({ key, reason, outcome }) => ({ key, reason, outcome }))).toEqual([
      { key: '1', reason: 'wrong-md5', outcome: 'corrupt' },
      { key: '2', reason: 'not-on-disk', outcome: 'missing' },
    ]);
    expect(text).toContain('images1024x1024/00000/holiday.png');

    const repaired = await bench.runToEnd(dataset, { request: { ...request, trust: 'contents' } });
    expect(repaired.status).toBe('complete');
    expect(repaired.progress.kinds.images).toMatchObject({ doneFiles: 6, fetchedFiles: 2 });
    expect(picturesAsked(dataset, before)).toEqual([picture('images', 1), picture('images', 2)]);
    for (const file of dataset.sample.files.values())
      expect(await readFile(at(file.filePath))).toEqual(await readFile(file.path));
    expect(existsSync(unfinished)).toBe(true);
    expect(existsSync(at('images1024x1024/00000/holiday.png'))).toBe(true);
  } finally {
    await dataset.close();
  }
});

test('files that the reference script left are verified and adopted, not fetched; wrong ones are', async () => {
  const dataset = await serveDataset({ records: 5, kinds: ['thumbs'] });
  try {
    for (const file of dataset.sample.files.values()) {
      if (!file.filePath.endsWith('.png')) continue;
      await mkdir(dirname(join(dataset.out, file.filePath)), { recursive: true });
      await copyFile(file.path, join(dataset.out, file.filePath));
    }
    await flipByte(join(dataset.out, picture('thumbs', 3)));
    const result = await bench.runToEnd(dataset);
    expect(result.status).toBe('complete');
    expect(result.progress.kinds.thumbs).toMatchObject({ doneFiles: 5, fetchedFiles: 1 });
    expect(picturesAsked(dataset, 0)).toEqual([picture('thumbs', 3)]);
  } finally {
    await dataset.close();
  }
});

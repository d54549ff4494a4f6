import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describedRecords } from '../../../src/activities/describe/described-records.ts';
import { ListedFiles } from '../../../src/activities/describe/listed-files.ts';
import { makeTinyDataset } from '../../../src/sample/make-tiny-dataset.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-described-'));
  await makeTinyDataset({ folder, ids: [0, 7, 1001], kinds: ['thumbs', 'images'] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('every record is told in the order of the manifest, by its place there, with its files', async () => {
  const records = [];
  for await (const record of describedRecords(folder, new AbortController().signal)) records.push(record);
  expect(records.map(({ id, position }) => [id, position])).toEqual([
    [0, 0],
    [7, 1],
    [1001, 2],
  ]);
  const [first] = records;
  expect(first?.files.map(({ kind, path }) => `${kind} ${path}`).sort()).toEqual([
    'images images1024x1024/00000/00000.png',
    'thumbs thumbnails128x128/00000/00000.png',
  ]);
  expect(first).toMatchObject({ category: 'training', author: expect.stringMatching(/./) });
  expect(first?.photoUrl).toContain(`/photos/${first?.account}/`);
});

test('what lies in the folder is known by its names; what is not there is no failure', async () => {
  const listed = new ListedFiles(folder);
  expect(await listed.has('images1024x1024/00000/00007.png')).toBe(true);
  expect(await listed.has('images1024x1024/00000/00008.png')).toBe(false);
  expect(await listed.has('in-the-wild-images/00000/00007.png')).toBe(false);
  await expect(listed.has('../elsewhere/00007.png')).rejects.toThrow(/plain/);
});

import { cpSync, existsSync } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Anna } from './anna.ts';

let anna: Anna;
beforeAll(async () => {
  anna = await Anna.make();
});
afterAll(() => anna.close());
beforeEach(() => rm(anna.out, { recursive: true, force: true }));

test('a picture whose face moves into another thousand stays as it was made, there and back, and is planned no more', async () => {
  expect(await anna.align(999)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  const { mtimeMs } = await stat(anna.picture);
  expect(await anna.align(1000)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 }, left: 0 });
  expect(await anna.align(999)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 }, left: 0 });
  expect((await stat(anna.picture)).mtimeMs).toBe(mtimeMs);
});

test('a picture whose face moved is replaced where other options ask for another one', async () => {
  await anna.align(999);
  const before = await readFile(anna.picture);
  const moved = await anna.align(1000, { rotateLevel: false });
  expect(moved).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  expect((await readFile(anna.picture)).equals(before)).toBe(false);
  // Back in the first thousand: its records know the place, but not the picture that lies there now.
  const back = await anna.align(999);
  expect(back).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 } });
  expect((await readFile(anna.picture)).equals(before)).toBe(true);
});

test("a file of the user's own in the way of a face that moved is kept", async () => {
  await anna.align(999);
  await writeFile(anna.picture, 'my own drawing');
  const moved = await anna.align(1000);
  expect(moved).toMatchObject({ tally: { failedFiles: 1, failures: { 'not-ours': { count: 1 } } } });
  expect(await readFile(anna.picture, 'utf8')).toBe('my own drawing');
});

test('killed in the moment in which a picture gets its name, the same command goes on: the record was there before', async () => {
  const snapshot = join(anna.root, 'snapshot');
  const looking = setInterval(() => {
    if (existsSync(snapshot) || !existsSync(anna.picture)) return;
    // The disk as a SIGKILL leaves it now.
    cpSync(anna.out, snapshot, { recursive: true, preserveTimestamps: true });
  }, 1);
  await anna.align(0);
  clearInterval(looking);
  await rm(anna.out, { recursive: true });
  await rename(snapshot, anna.out);
  expect(await anna.align(0)).toMatchObject({ tally: { doneFiles: 1, failedFiles: 0 }, left: 0 });
});

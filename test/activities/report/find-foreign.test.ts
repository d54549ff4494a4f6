import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slicesRoot } from '../../../src/activities/manifest/manifest-folders.ts';
import { sliceManifest } from '../../../src/activities/manifest/slice-manifest.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { findForeign } from '../../../src/activities/report/find-foreign.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { writeScaleManifest } from '../../../src/sample/write-scale-manifest.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { testSeal } from '../../support/test-key.ts';

/** A hundred thousand files are made there in a second. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const { signal } = new AbortController();
let root: string;
let md5: Md5;
beforeEach(async () => {
  root = await mkdtemp(join(memory, 'ffhq-test-foreign-'));
  const text = join(root, 'manifest.json');
  await writeScaleManifest({ path: text, ids: [0, 1, 2] });
  await mkdir(slicesRoot(root), { recursive: true });
  ({ md5 } = await sliceManifest(text, slicesRoot(root), undefined, testSeal, signal, () => {}));
  await mkdir(join(root, 'images1024x1024/00000'), { recursive: true });
});
// Node.js removes nothing that lies deeper than paths reach.
afterEach(() => execFileSync('rm', ['-rf', root]));

const find = () => findForeign(root, md5, makeManifestCaches(testSeal), () => {});

test('a folder that may not be looked into is named as that, and is neither foreign nor the end of the look', async () => {
  const closed = join(root, 'images1024x1024/lost+found');
  await mkdir(closed);
  await writeFile(join(closed, 'anything'), '');
  await writeFile(join(root, 'images1024x1024/00000/mine.txt'), '');
  await chmod(closed, 0o000);
  await chmod(root, 0o755);
  try {
    expect(await asNobody(find)).toEqual({
      count: 1,
      first: ['images1024x1024/00000/mine.txt'],
      closed: ['images1024x1024/lost+found'],
    });
  } finally {
    await chmod(closed, 0o755);
  }
});

test('what no record names is foreign, and no folder is said to be closed where none is', async () => {
  await writeFile(join(root, 'images1024x1024/00000/00000.png'), '');
  await writeFile(join(root, 'images1024x1024/00000/00007.png'), '');
  expect(await find()).toEqual({ count: 1, first: ['images1024x1024/00000/00007.png'] });
});

test('a folder with 130,000 files that nobody knows is counted, and the first thousand are named', async () => {
  const [folder, many] = [join(root, 'images1024x1024/00000'), 130_000];
  for (let nth = 0; nth < many; nth++) await (await open(join(folder, `mine-${nth}`), 'w')).close();
  const { count, first } = await find();
  expect([count, first.length]).toEqual([many, 1_000]);
}, 240_000);

test('folders in folders are looked into, sixty-four deep; the first below those is named as closed', async () => {
  const names = Array.from({ length: 70 }, () => 'd');
  await mkdir(join(root, 'images1024x1024', ...names), { recursive: true });
  await writeFile(join(root, 'images1024x1024', ...names.slice(0, 63), 'seen'), '');
  await writeFile(join(root, 'images1024x1024', ...names.slice(0, 64), 'unseen'), '');
  expect(await find()).toEqual({
    count: 1,
    first: [`images1024x1024/${'d/'.repeat(63)}seen`],
    closed: [`images1024x1024/${'d/'.repeat(63)}d`],
  });
});

test('folders deeper than any path reaches do not keep a report from being written', async () => {
  const script = `for (let level = 0; level < 70; level++) {
    fs.mkdirSync('f'.repeat(100));
    process.chdir('f'.repeat(100));
  }`;
  // Only a process of its own may stand so deep.
  execFileSync(process.execPath, ['-e', script], { cwd: join(root, 'images1024x1024') });
  const { count, first, closed } = await find();
  expect([count, first, closed?.length]).toEqual([0, [], 1]);
});

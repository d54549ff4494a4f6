import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slicesRoot } from '../../../src/activities/manifest/manifest-folders.ts';
import { sliceManifest } from '../../../src/activities/manifest/slice-manifest.ts';
import { makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { findForeign } from '../../../src/activities/report/find-foreign.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { writeScaleManifest } from '../../../src/sample/write-scale-manifest.ts';

/** A hundred thousand files are made there in a second. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

let out: string;
let md5: Md5;

/** A folder whose manifest has two records. */
beforeEach(async () => {
  out = await mkdtemp(join(memory, 'ffhq-test-foreign-'));
  const text = join(out, 'manifest.json');
  await writeScaleManifest({ path: text, ids: [0, 1] });
  mkdirSync(slicesRoot(out), { recursive: true });
  ({ md5 } = await sliceManifest(text, slicesRoot(out), undefined, new AbortController().signal, () => {}));
  mkdirSync(join(out, 'thumbnails128x128/00000'), { recursive: true });
});
// Node.js removes nothing that lies deeper than paths reach.
afterEach(() => execFileSync('rm', ['-rf', out]));

const find = () => findForeign(out, md5, makeManifestCaches(), () => {});

test('a folder with 130,000 files that nobody knows is counted, and the first thousand are named', async () => {
  for (let nth = 0; nth < 130_000; nth++) writeFileSync(join(out, `thumbnails128x128/00000/x${nth}`), '');
  const { count, first } = await find();
  expect([count, first.length]).toEqual([130_000, 1_000]);
});

test('folders in folders, as deep as paths reach, are looked into, and what is closed is named and left alone', async () => {
  const deep = join(out, 'thumbnails128x128', ...Array.from({ length: 1_500 }, () => 'd'));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, 'x'), '');
  mkdirSync(join(out, 'thumbnails128x128/closed'));
  writeFileSync(join(out, 'thumbnails128x128/00000/00001.png'), 'the dataset’s own');
  chmodSync(join(out, 'thumbnails128x128/closed'), 0);
  const { first } = await find();
  const closed = process.getuid?.() === 0 ? [] : ['thumbnails128x128/closed/'];
  expect([...first].sort()).toEqual([...closed, `thumbnails128x128/${'d/'.repeat(1_500)}x`].sort());
});

test('folders deeper than any path reaches do not keep a report from being written', async () => {
  const before = process.cwd();
  try {
    process.chdir(join(out, 'thumbnails128x128'));
    for (let level = 0; level < 60; level++) {
      mkdirSync('f'.repeat(100));
      process.chdir('f'.repeat(100));
    }
  } finally {
    process.chdir(before);
  }
  const { count, first } = await find();
  expect([count, first[0]?.endsWith('f/')]).toEqual([1, true]);
});

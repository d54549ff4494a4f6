import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkCrops, cropsOf, readCropSummary } from '../../../src/activities/manifest/crop-files.ts';
import { checkSlices, readSummary, sliceOf } from '../../../src/activities/manifest/manifest-slices.ts';
import { makeCrops } from '../../../src/activities/manifest/plan-crops.ts';
import { sliceManifest } from '../../../src/activities/manifest/slice-manifest.ts';
import { areWhole, isManifestLost, makeManifestCaches } from '../../../src/activities/records/line-cache.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import type { Folder, Md5 } from '../../../src/domain/dataset/ids.ts';
import { imageKinds } from '../../../src/domain/kinds.ts';
import { writeScaleManifest } from '../../../src/sample/write-scale-manifest.ts';
import { filesUnder } from '../../support/arrived-files.ts';
import { alignByDefault } from '../../support/datasets/serve-dataset.ts';
import { testSeal } from '../../support/test-key.ts';
import type { Ground } from '../ground.ts';
import { hostileBytes, spoilt } from '../hostile/bytes.ts';
import { hostileJson, textOf } from '../hostile/json.ts';
import { law } from '../law.ts';

const { signal } = new AbortController();
const folders = ['00000', '01000'] as Folder[];
const theirSeal = new Seal(Buffer.alloc(32, 'theirs'));

interface Made {
  readonly md5: Md5;
  readonly root: string;
  readonly whole: string;
}

/** Slices and crops of 4 records in two folders, as they should be; made once for each ground. */
const made = new Map<string, Promise<Made>>();

async function make(store: string): Promise<Made> {
  const [text, root] = [join(store, 'manifest.json'), join(store, 'made', '.ffhq', 'manifest')];
  mkdirSync(root, { recursive: true });
  await writeScaleManifest({ path: text, ids: [0, 1, 1000, 1001] });
  const summary = await sliceManifest(text, root, undefined, testSeal, signal, () => {});
  await makeCrops(text, join(root, summary.md5, 'crops'), {
    align: alignByDefault,
    summary,
    seal: testSeal,
    signal,
  });
  return { md5: summary.md5, root, whole: JSON.stringify(await readAll(root, summary.md5)) };
}

function madeOn({ store }: Ground): Promise<Made> {
  const known = made.get(store) ?? make(store);
  made.set(store, known);
  return known;
}

async function readAll(root: string, md5: Md5): Promise<unknown[]> {
  const caches = makeManifestCaches(testSeal);
  const read: unknown[] = [];
  for (const folder of folders) {
    for (const kind of imageKinds) read.push(...(await sliceOf(caches, root, md5, kind, folder)).values());
    read.push(...(await cropsOf(caches, join(root, md5, 'crops'), folder)).values());
  }
  return read;
}

/** What is done to one of the files, counted in their order. */
const damage = fc.record({
  file: fc.nat(20),
  how: fc.constantFrom('bytes', 'lines', 'sealed by others', 'other file', 'link', 'folder', 'gone'),
  json: hostileJson(2),
  bytes: hostileBytes(2),
  other: fc.nat(20),
});

export const slices = law(
  'slices',
  15,
  fc.array(damage, { minLength: 1, maxLength: 3 }),
  async (damages, ground) => {
    const { md5, root: right, whole } = await madeOn(ground);
    const root = join(ground.store, 'copy', '.ffhq', 'manifest');
    rmSync(join(ground.store, 'copy'), { recursive: true, force: true });
    cpSync(right, root, { recursive: true });
    const files = filesUnder(right).sort();
    for (const { file, how, json, bytes, other } of damages) {
      const name = files[file % files.length] ?? '';
      const path = join(root, name);
      const valid = readFileSync(join(right, name));
      const lines = () =>
        valid
          .toString()
          .trim()
          .split('\n')
          .map((line) => textOf(JSON.parse(line), json).replaceAll('\n', ' '));
      rmSync(path, { recursive: true, force: true });
      if (how === 'bytes') writeFileSync(path, spoilt(valid, bytes));
      else if (how === 'lines') writeFileSync(path, `${lines().join('\n')}\n`);
      else if (how === 'sealed by others')
        writeFileSync(path, theirSeal.close(`slices ${md5}`, lines().join('\n')));
      else if (how === 'other file') cpSync(join(right, files[other % files.length] ?? ''), path);
      else if (how === 'link') symlinkSync(join(ground.beside, 'precious'), path);
      else if (how === 'folder') mkdirSync(join(path, 'x'), { recursive: true });
    }
    try {
      const read = JSON.stringify(await readAll(root, md5));
      if (read !== whole) throw new Error(`slices: expected them as they were written, or none, got ${read}`);
    } catch (error) {
      if (!isManifestLost(error)) throw error;
    }
    const [summary, crops] = [
      await readSummary(root, md5, testSeal),
      await readCropSummary(join(root, md5, 'crops'), testSeal),
    ];
    if (summary) await areWhole(checkSlices(root, summary));
    if (crops) await areWhole(checkCrops(join(root, md5, 'crops'), crops));
  },
);

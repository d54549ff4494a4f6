import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  readFolderCard,
  readForeignCards,
  readLatestCard,
  writeFolderCard,
} from '../../../src/activities/manifest/folder-card.ts';
import { Seal } from '../../../src/activities/records/seal.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { TaskKind } from '../../../src/domain/kinds.ts';
import { requestOf } from '../../support/request-of.ts';
import { testSeal } from '../../support/test-key.ts';

let root: string;
let out: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-card-'));
  out = (await ensureStore(join(root, 'out'))).path;
  await mkdir(dirname(join(out, statePaths.currentManifest)));
});
afterEach(() => rm(root, { recursive: true }));

const md5 = 'a'.repeat(32);
const otherSeal = new Seal(Buffer.alloc(32, 'other'));
const thirdSeal = new Seal(Buffer.alloc(32, 'third'));
const data = { manifest: { name: 'official' }, license: { name: 'official' } } as const;
const run = (seal: Seal, ...kinds: TaskKind[]) =>
  writeFolderCard(out, md5, requestOf({ ...data, kinds }), seal);

test('keys that take turns on a folder each remember what their own runs put there, and see what the others say', async () => {
  await run(testSeal, 'images');
  await run(otherSeal, 'thumbs');
  await run(testSeal, 'wilds');
  await run(otherSeal, 'tfrecords');
  await run(testSeal, 'wilds');
  expect(await readFolderCard(out, testSeal)).toMatchObject({ kinds: ['images', 'wilds'] });
  expect(await readFolderCard(out, otherSeal)).toMatchObject({ kinds: ['thumbs', 'tfrecords'] });
  expect(await readForeignCards(out, testSeal)).toMatchObject([{ kinds: ['thumbs', 'tfrecords'] }]);
  expect(await readForeignCards(out, otherSeal)).toMatchObject([{ kinds: ['images', 'wilds'] }]);
  expect(await readFolderCard(out, thirdSeal)).toBeUndefined();
  expect(await readForeignCards(out, thirdSeal)).toHaveLength(2);
  // One file for each key, however often they take turns.
  expect(await readdir(join(out, statePaths.cards))).toHaveLength(2);
  // Whose run filled the folder last is told apart: what lies in OUT is that one's.
  expect(await readLatestCard(out, testSeal)).toBeDefined();
  expect(await readLatestCard(out, otherSeal)).toBeUndefined();
});

test('the card of a version before stays to be read, and one that has our name on it without our mark replaces none of ours', async () => {
  const old = { md5, request: requestOf({ ...data, kinds: [] }), kinds: ['tfrecords'] };
  const path = join(out, statePaths.currentManifest);
  await writeFile(path, JSON.stringify(old));
  await run(testSeal, 'images');
  await run(otherSeal, 'thumbs');
  await writeFile(path, JSON.stringify({ ...old, kinds: ['wilds'], key: testSeal.fingerprint }));
  expect(await readFolderCard(out, testSeal)).toMatchObject({ kinds: ['images'] });
  await run(otherSeal, 'thumbs');
  await run(testSeal, 'images');
  expect(await readFolderCard(out, testSeal)).toMatchObject({ kinds: ['images'] });
  const said = (await readForeignCards(out, testSeal)).flatMap(({ kinds = [] }) => kinds);
  expect(said.toSorted()).toEqual(['tfrecords', 'thumbs', 'wilds']);
});

test('whoever only looks at a folder that others have filled since leaves their card in its place', async () => {
  await run(testSeal, 'images');
  await run(otherSeal, 'thumbs');
  const before = await readFile(join(out, statePaths.currentManifest), 'utf8');
  await writeFolderCard(out, md5, requestOf({ ...data, kinds: ['images'], fetch: 'nothing' }), testSeal);
  expect(await readFile(join(out, statePaths.currentManifest), 'utf8')).toBe(before);
});

test('a folder that is copied as a whole is ours as before; its cards alone say nothing in another folder', async () => {
  await run(testSeal, 'images');
  const copy = join(root, 'copy');
  await cp(out, copy, { recursive: true });
  expect(await readFolderCard(copy, testSeal)).toMatchObject({ kinds: ['images'] });
  const planted = (await ensureStore(join(root, 'planted'))).path;
  await cp(join(out, '.ffhq/manifest'), join(planted, '.ffhq/manifest'), { recursive: true });
  expect(await readFolderCard(planted, testSeal)).toBeUndefined();
  expect(await readForeignCards(planted, testSeal)).toMatchObject([{ kinds: ['images'] }]);
});

test('more cards than keys could have written are refused, not passed over', async () => {
  await mkdir(join(out, statePaths.cards));
  for (let nth = 0; nth < 65; nth++)
    await writeFile(join(out, statePaths.cards, `${nth.toString(16).padStart(16, '0')}.json`), '{}');
  await expect(readForeignCards(out, testSeal)).rejects.toThrow(/expected at most 64 cards, got 65/);
});

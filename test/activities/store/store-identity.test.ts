import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claim, readOwner, release } from '../../../src/activities/store/owner.ts';
import { checkStore, ensureStore, findStore } from '../../../src/activities/store/store-identity.ts';
import { cameraCard } from '../../support/disks/camera-card.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-identity-'));
});
afterEach(() => rm(root, { recursive: true }));

const owner = { workflowId: 'ffhq-out-1', clusterId: 'c', address: '127.0.0.1:7233', namespace: 'default' };
const file = (name: string) => join(root, '.ffhq', name);
const ids = () =>
  ['store.json', 'store-twin.json'].map((name) => JSON.parse(readFileSync(file(name), 'utf8')).id);

/** What a power failure makes of a file that was not synced, and what people do to one. */
const losses: readonly [what: string, lose: (path: string) => void][] = [
  ['empty', (path) => truncateSync(path, 0)],
  ['torn', (path) => truncateSync(path, 20)],
  ['zeros', (path) => writeFileSync(path, Buffer.alloc(60))],
  ['gone', (path) => rmSync(path)],
];

test.each(losses)(
  'with store.json %s the folder is the same store, for an open run too, and is mended',
  async (_, lose) => {
    const store = await ensureStore(root);
    for (const name of ['store.json', 'store-twin.json']) {
      lose(file(name));
      // An open run's Activities do not wait.
      await checkStore(store);
      expect(await findStore(root)).toEqual(store);
      expect(await ensureStore(root)).toEqual(store);
      expect(ids()).toEqual([store.id, store.id]);
    }
  },
);

test.each(losses)(
  'with both files of its id %s a folder is what the run knows it as that holds it',
  async (_, lose) => {
    const store = await ensureStore(root);
    await claim(store, owner, 'run', false);
    lose(file('store.json'));
    lose(file('store-twin.json'));
    await checkStore(store);
    expect(await ensureStore(root)).toEqual(store);
    expect(ids()).toEqual([store.id, store.id]);
  },
);

test.each(losses)(
  'with both files %s and no run that holds it a folder gets one new id, however many open it',
  async (_, lose) => {
    const store = await ensureStore(root);
    await claim(store, owner, 'run', false);
    await release(store, owner);
    lose(file('store.json'));
    lose(file('store-twin.json'));
    const stores = await Promise.all(Array.from({ length: 8 }, () => ensureStore(root)));
    expect(new Set(stores.map(({ id }) => id)).size).toBe(1);
    expect(stores[0]?.id).not.toBe(store.id);
    expect(ids()).toEqual([stores[0]?.id, stores[0]?.id]);
    expect(readdirSync(join(root, '.ffhq')).sort()).toEqual(['store-twin.json', 'store.json']);
  },
);

test('a folder whose lost id an older version`s run may still hold gets no new one, and is told how to', async () => {
  const store = await ensureStore(root);
  await claim(store, owner, 'run', false);
  const { store: _, ...older } = (await readOwner(root)) ?? { store: '' };
  writeFileSync(file('owner.json'), JSON.stringify(older));
  for (const name of ['store.json', 'store-twin.json']) truncateSync(file(name), 0);
  await expect(ensureStore(root)).rejects.toThrow(
    /store\.json\]: expected a store id, got other text, and run ffhq-out-1 of the Temporal server at 127\.0\.0\.1:7233 may still be open .*remove \.ffhq\/owner\.json/,
  );
  rmSync(file('owner.json'));
  expect((await ensureStore(root)).id).not.toBe(store.id);
});

test('who was killed while it made the id keeps nobody waiting for long', async () => {
  await ensureStore(root);
  for (const name of ['store.json', 'store-twin.json']) truncateSync(file(name), 0);
  mkdirSync(file('store.json.lock'));
  const stores = await Promise.all([ensureStore(root), ensureStore(root)]);
  expect(stores[0]).toEqual(stores[1]);
  expect(readdirSync(join(root, '.ffhq')).sort()).toEqual(['store-twin.json', 'store.json']);
});

test('a folder of an older version gets its twin when it is opened', async () => {
  const store = await ensureStore(root);
  rmSync(file('store-twin.json'));
  expect(await ensureStore(root)).toEqual(store);
  expect(ids()).toEqual([store.id, store.id]);
});

test('on a file system without hard links a folder becomes a store once, however many open it', async (context) => {
  const disk = cameraCard()?.folder;
  if (disk === undefined) return context.skip();
  writeFileSync(join(disk, 'file'), '');
  expect(() => linkSync(join(disk, 'file'), join(disk, 'link'))).toThrow();
  const out = join(disk, 'out');
  const stores = await Promise.all(Array.from({ length: 8 }, () => ensureStore(out)));
  expect(new Set(stores.map(({ id }) => id)).size).toBe(1);
  await checkStore(stores[0] as (typeof stores)[number]);
  expect(readdirSync(join(out, '.ffhq')).sort()).toEqual(['store-twin.json', 'store.json']);
  // Torn while it was made: a power failure in the moment between its name and its text.
  for (const name of ['store.json', 'store-twin.json']) truncateSync(join(out, '.ffhq', name), 0);
  const again = await Promise.all(Array.from({ length: 8 }, () => ensureStore(out)));
  expect(new Set(again.map(({ id }) => id)).size).toBe(1);
});

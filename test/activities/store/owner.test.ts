import { cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claim, readOwner, release, signOwner } from '../../../src/activities/store/owner.ts';
import { StoreDoor } from '../../../src/activities/store/store-door.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { statePaths } from '../../../src/domain/dataset/layout.ts';
import type { StoreRef } from '../../../src/domain/run/request.ts';
import { cameraCard } from '../../support/disks/camera-card.ts';
import { archiveRequest } from '../../support/request-of.ts';

let root: string;
let store: StoreRef;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-owner-'));
  store = await ensureStore(root);
});
afterEach(() => rm(root, { recursive: true }));

const mine = { workflowId: 'mine', clusterId: 'c', address: 'a:1', namespace: 'default' };
const others = { ...mine, clusterId: 'd', address: 'b:1' };

test('a sign of life never undoes a take-over, however the two fall together', async () => {
  await claim(store, mine, 'run-1', false);
  for (let round = 0; round < 200; round += 1) {
    const signs = Array.from({ length: 4 }, () => signOwner(store, mine, 'run-1').catch(() => 'owned'));
    await Promise.all([claim(store, others, 'run-2', true), ...signs]);
    expect(await readOwner(root)).toMatchObject({ ...others, run: 'run-2' });
    await claim(store, mine, 'run-1', true);
  }
});

test('an Activity that begins renews the sign of life, and ends as owned once the folder is taken over', async () => {
  const door = new StoreDoor(undefined);
  const context = { store, owner: mine, run: 'run-1', request: archiveRequest };
  await claim(store, mine, 'run-1', false);
  await writeFile(
    join(root, statePaths.owner),
    JSON.stringify({ ...mine, run: 'run-1', lastSignOfLife: 'long ago, and longer than a time is' }),
  );
  await door.enter(context);
  expect((await readOwner(root))?.lastSignOfLife).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  await claim(store, others, 'run-2', true);
  await expect(new StoreDoor(undefined).enter(context)).rejects.toMatchObject({ reason: 'owned' });
  expect(await readOwner(root)).toMatchObject(others);
});

test('a run that ends does not take the record of a take-over with it', async () => {
  for (let round = 0; round < 300; round += 1) {
    await claim(store, mine, 'run-1', true);
    const taken = claim(store, others, 'run-2', true);
    // A little later each time, so that some rounds meet the moment between its look and what it does.
    for (let turn = 0; turn < round % 30; turn += 1) await new Promise(setImmediate);
    await Promise.all([taken, release(store, mine)]);
    expect(await readOwner(root)).toMatchObject(others);
  }
  expect((await readdir(join(root, '.ffhq'))).sort()).toEqual([
    'owner.json',
    'store-twin.json',
    'store.json',
  ]);
});

test("the run of an earlier database of this host's server is over; a run of another server is not", async () => {
  const before = { ...mine, home: 'this host' };
  const after = { ...before, clusterId: 'new' };
  await claim(store, before, 'run-1', false);
  await claim(store, after, 'run-2', false);
  expect(await readOwner(root)).toMatchObject({ ...after, run: 'run-2' });
  await expect(signOwner(store, before, 'run-1')).rejects.toMatchObject({ reason: 'owned' });
  for (const other of [{ home: 'another host' }, { home: undefined }, { workflowId: 'another' }]) {
    const asked = claim(store, { ...after, clusterId: 'newer', ...other } as typeof after, 'run-3', false);
    await expect(asked).rejects.toMatchObject({ reason: 'owned' });
  }
  expect(await readOwner(root)).toMatchObject({ ...after, run: 'run-2' });
});

test('a record that a power cut tore keeps nobody out', async () => {
  await writeFile(join(root, statePaths.owner), '{"workflowId":"mi');
  await claim(store, others, 'run-2', false);
  expect(await readOwner(root)).toMatchObject(others);
});

test('a copy that was made while the run went on has its mark too, and is not entered either', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'ffhq-owner-copy-'));
  try {
    await claim(store, mine, 'run-1', false);
    await cp(root, copy, { recursive: true });
    const context = { store, owner: mine, run: 'run-1', request: archiveRequest };
    await expect(new StoreDoor(copy).enter(context)).rejects.toMatchObject({ reason: 'not-mounted' });
    // Where it is a backup that takes the folder's place, the command claims it.
    await claim({ ...store, path: copy }, mine, 'run-1', false);
    expect(await new StoreDoor(copy).enter(context)).toBe(copy);
  } finally {
    await rm(copy, { recursive: true });
  }
});

test('a copy of a claimed folder is not entered: it has the id and not the run`s mark, now and at the next attempt', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'ffhq-owner-copy-'));
  try {
    await cp(root, copy, { recursive: true });
    await claim(store, mine, 'run-1', false);
    const context = { store, owner: mine, run: 'run-1', request: archiveRequest };
    const door = new StoreDoor(copy);
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(door.enter(context)).rejects.toMatchObject({ reason: 'not-mounted' });
    expect((await readdir(join(copy, '.ffhq'))).includes('owner.json')).toBe(false);
    expect(await new StoreDoor(undefined).enter(context)).toBe(store.path);
  } finally {
    await rm(copy, { recursive: true });
  }
});

test('where inode numbers do not outlive a mount, a mark has none, and the folder stays its run`s after the next one', async (test) => {
  const card = cameraCard();
  if (card === undefined) return test.skip();
  const onCard = await ensureStore(join(card.folder, 'out'));
  for (const name of ['0', '1', '2']) await mkdir(join(card.folder, name));
  await claim(onCard, mine, 'run-1', false);
  expect(await readOwner(onCard.path)).not.toHaveProperty('folder');
  const { ino } = await stat(join(onCard.path, '.ffhq'));

  const again = { ...onCard, path: join(card.mountElsewhere(['0', '1', '2']), 'out') };
  expect((await stat(join(again.path, '.ffhq'))).ino).not.toBe(ino);
  await signOwner(again, mine, 'run-1');
  const context = { store: again, owner: mine, run: 'run-1', request: archiveRequest };
  expect(await new StoreDoor(undefined).enter(context)).toBe(again.path);
});

test('a number in the mark, of a host where they last, keeps nobody out where they do not', async (test) => {
  const card = cameraCard();
  if (card === undefined) return test.skip();
  await claim(store, mine, 'run-1', false);
  expect(await readOwner(root)).toHaveProperty('folder');
  // The folder as another host sees it over the network.
  const there = { ...store, path: join(card.folder, 'out') };
  await cp(root, there.path, { recursive: true });
  await signOwner(there, mine, 'run-1');
  expect(await readOwner(there.path)).toMatchObject({ ...mine, run: 'run-1' });
});

import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreDoor } from '../../../src/activities/store/store-door.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';

let lab: string;
beforeEach(async () => {
  lab = await mkdtemp(join(tmpdir(), 'ffhq-test-root-'));
  await mkdir(join(lab, 'data/faces'), { recursive: true });
  await mkdir(join(lab, 'data-of-others/faces'), { recursive: true });
});
afterEach(() => rm(lab, { recursive: true }));

const outside = { reason: 'outside-root' };

test('a worker with a root enters what lies below it, and nothing that lies beside it or above', async () => {
  const door = new StoreDoor(undefined, [join(lab, 'data')]);
  const mine = await ensureStore(join(lab, 'data/faces'));
  expect(await door.find(mine)).toEqual(mine);
  for (const path of [join(lab, 'data-of-others/faces'), lab])
    await expect(door.find(await ensureStore(path))).rejects.toMatchObject(outside);
});

test('of several roots any will do, and the root itself may be the dataset folder', async () => {
  const roots = [join(lab, 'data'), join(lab, 'data-of-others/faces')];
  const store = await ensureStore(join(lab, 'data-of-others/faces'));
  expect(await new StoreDoor(undefined, roots).find(store)).toEqual(store);
});

test('a path that only looks as if it were below the root is measured by where it leads', async () => {
  const door = new StoreDoor(undefined, [join(lab, 'data')]);
  const store = await ensureStore(join(lab, 'data-of-others/faces'));
  await symlink(join(lab, 'data-of-others/faces'), join(lab, 'data/link'));
  for (const path of ['data/link', 'data/../data-of-others/faces', 'data/nothing/../../data-of-others/faces'])
    await expect(door.find({ ...store, path: `${lab}/${path}` })).rejects.toMatchObject(outside);
});

test('where this host sees the folder elsewhere, that is what counts', async () => {
  const store = await ensureStore(join(lab, 'data-of-others/faces'));
  const door = new StoreDoor(store.path, [join(lab, 'data')]);
  await expect(door.find({ ...store, path: join(lab, 'data/faces') })).rejects.toMatchObject(outside);
});

import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseTooLittleSpace } from '../../../src/activities/plan/plan-run.ts';
import { readJsonFile, writeFileAtomically } from '../../../src/activities/store/atomic-file.ts';
import { freeBytes, SpaceGuard } from '../../../src/activities/store/free-space.ts';
import { claim, readOwner, release } from '../../../src/activities/store/owner.ts';
import { findSafeFolder, makeSafeFolder } from '../../../src/activities/store/safe-folder.ts';
import { checkStore, ensureStore, findStore } from '../../../src/activities/store/store-identity.ts';
import type { StoreError } from '../../../src/domain/failure/store-failure.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-store-'));
});
afterEach(() => rm(root, { recursive: true }));

const reasonOf = async (work: Promise<unknown>) =>
  (
    await work.then(
      () => undefined,
      (error: StoreError) => error,
    )
  )?.reason;

test('a folder becomes a store once, however many open it at the same time', async () => {
  const out = join(root, 'new', 'out');
  const stores = await Promise.all(Array.from({ length: 8 }, () => ensureStore(out)));
  expect(new Set(stores.map(({ id }) => id)).size).toBe(1);
  expect((await readdir(join(out, '.ffhq'))).sort()).toEqual(['store-twin.json', 'store.json']);
  expect(await findStore(out)).toEqual(stores[0]);
  expect(await findStore(join(root, 'nowhere'))).toBeUndefined();
});

test('a store is another one, none, or of a newer version: each is told apart', async () => {
  const store = await ensureStore(root);
  await checkStore(store);
  expect(await reasonOf(checkStore({ ...store, id: 'f'.repeat(32) }))).toBe('not-mounted');
  expect(await reasonOf(checkStore({ ...store, path: join(root, 'nowhere') }))).toBe('not-mounted');
  await writeFile(join(root, '.ffhq/store.json'), JSON.stringify({ id: store.id, schema: 99 }));
  expect(await reasonOf(checkStore(store))).toBe('unsafe-folder');
});

test('a file in place of the folder is refused', async () => {
  await writeFile(join(root, 'out'), '');
  expect(await reasonOf(ensureStore(join(root, 'out')))).toBe('unsafe-folder');
  expect(await reasonOf(ensureStore(join(root, 'out', 'below')))).toBe('unsafe-folder');
});

test('a symbolic link or a file in the way to a data folder is refused, and nothing is made behind it', async () => {
  const elsewhere = join(root, 'elsewhere');
  await mkdir(elsewhere);
  await symlink(elsewhere, join(root, 'linked'));
  await writeFile(join(root, 'file'), '');
  for (const path of ['linked', 'linked/00000', 'file', 'file/00000']) {
    expect(await reasonOf(makeSafeFolder(root, path))).toBe('unsafe-folder');
    expect(await reasonOf(findSafeFolder(root, path))).toBe('unsafe-folder');
  }
  expect(await readdir(elsewhere)).toEqual([]);
  expect(await findSafeFolder(root, 'images/00000')).toBeUndefined();
  const made = await makeSafeFolder(root, 'images/00000');
  expect(made.name).toBe(join(root, 'images/00000'));
  await made.release();
  const found = await findSafeFolder(root, 'images/00000');
  expect(found?.name).toBe(join(root, 'images/00000'));
  await found?.release();
});

test('a file is replaced as a whole, and a write that fails leaves the old one and nothing else', async () => {
  const path = join(root, 'x.json');
  await writeFileAtomically(path, '{"n":1}');
  await writeFileAtomically(path, '{"n":2}');
  expect(await readJsonFile(path)).toEqual({ n: 2 });
  expect(await readdir(root)).toEqual(['x.json']);
  await mkdir(join(root, 'folder', 'in-the-way'), { recursive: true });
  await expect(writeFileAtomically(join(root, 'folder'), 'x')).rejects.toThrow();
  expect((await readdir(root)).sort()).toEqual(['folder', 'x.json']);
  await writeFile(path, '{"n":');
  expect(await readJsonFile(path)).toBeUndefined();
  expect(await readJsonFile(join(root, 'none.json'))).toBeUndefined();
});

test('the guard stops before the reserve is touched, with the numbers', async () => {
  const free = await freeBytes(join(root, 'not', 'made', 'yet'));
  expect(free).toBeGreaterThan(0);
  await new SpaceGuard(0).check(root, 1);
  const guard = new SpaceGuard(free * 2);
  const error = await guard.check(root, 5).catch((failure: StoreError) => failure);
  expect(error).toMatchObject({ reason: 'disk-full' });
  expect((error as StoreError).message).toMatch(
    /expected 5 bytes free beside the reserve of \d+ \(--reserve\), got \d+/,
  );
});

test('a plan that needs more than there is says so; one that needs nothing is never refused', () => {
  const plan = { shards: [], kinds: {}, largeFiles: [] };
  const copies = { files: 0, bytes: 0 };
  const refuse = (neededBytes: number, freeBytes: number) => () =>
    refuseTooLittleSpace(root, { plan, neededBytes, unreadBytes: 0, freeBytes, copies }, 10);
  expect(refuse(90, 100)).not.toThrow();
  expect(refuse(91, 100)).toThrow(/expected 91 bytes free beside the reserve of 10 \(--reserve\), got 100/);
  expect(refuse(0, 0)).not.toThrow();
});

test('a folder belongs to one run at a time, and only its owner can give it up', async () => {
  const store = await ensureStore(root);
  const mine = { workflowId: 'mine', clusterId: 'c', address: 'a:1', namespace: 'default' };
  const others = { ...mine, clusterId: 'd', address: 'b:1' };
  await claim(store, mine, 'run-1', false);
  await claim(store, mine, 'run-2', false);
  const refused = await claim(store, others, 'run-3', false).catch((error: StoreError) => error);
  expect(refused).toMatchObject({ reason: 'owned' });
  expect((refused as StoreError).message).toContain('got run mine of the Temporal server at a:1');
  await release(store, others);
  expect(await readOwner(root)).toMatchObject({ ...mine, run: 'run-2' });
  await claim(store, others, 'run-3', true);
  await release(store, mine);
  expect(await readOwner(root)).toMatchObject({ ...others, run: 'run-3' });
  await release(store, others);
  expect(await readOwner(root)).toBeUndefined();
});

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written to is named as that', async () => {
  await chmod(root, 0o555);
  try {
    expect(await reasonOf(ensureStore(join(root, 'out')))).toBe('not-writable');
  } finally {
    await chmod(root, 0o755);
  }
});

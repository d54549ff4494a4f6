import type { FileHandle } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { SyncBehind } from '../../../src/activities/partials/sync-behind.ts';

const MIB = 1024 ** 2;

/** The one method of a file that is asked for here. */
function fileOf(datasync: () => Promise<void>): FileHandle {
  return { datasync } as FileHandle;
}

test('what the disk refuses behind the writer is told to it, however often it asks', async () => {
  const behind = new SyncBehind();
  const refused = new Error('EIO');
  behind.wrote(
    fileOf(() => Promise.reject(refused)),
    64 * MIB,
  );
  await behind.over();
  for (const _ of [1, 2]) expect(() => behind.rethrow()).toThrow(refused);
});

test('one file is synced at a time, once in many bytes, and the next has its turn', async () => {
  const [one, other] = [new SyncBehind(), new SyncBehind()];
  let synced = 0;
  let release = () => {};
  const held = fileOf(async () => {
    synced++;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  });
  const free = fileOf(async () => void synced++);
  for (let mib = 0; mib < 63; mib++) one.wrote(held, MIB);
  expect(synced).toBe(0);
  one.wrote(held, MIB);
  other.wrote(free, 200 * MIB);
  expect(synced).toBe(1);
  release();
  await one.over();
  other.wrote(free, MIB);
  expect(synced).toBe(2);
  await other.over();
});

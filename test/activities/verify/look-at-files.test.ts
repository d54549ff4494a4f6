import { mkdir, mkdtemp, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { VerifyThreads } from '../../../src/activities/verify/verify-threads.ts';
import { hangDisk, mayHang } from '../../support/disks/hung-disk.ts';

const never = new AbortController().signal;

async function folderAndThreads() {
  const root = await mkdtemp(join(tmpdir(), 'ffhq-test-looks-'));
  const threads = new VerifyThreads(1);
  onTestFinished(async () => {
    await threads.close();
    await rm(root, { recursive: true, force: true });
  });
  return { root, threads };
}

test('a look tells a file with its size and time, something else, and nothing apart, in the order asked', async () => {
  const { root, threads } = await folderAndThreads();
  await writeFile(join(root, 'file'), '');
  await truncate(join(root, 'file'), 5_000_000_000);
  await utimes(join(root, 'file'), 1, 1_700_000_000.5);
  await mkdir(join(root, 'folder'));
  await symlink('file', join(root, 'link'));
  const names = ['none', 'file', 'folder', 'link', 'folder/none'];
  const seen = await threads.look(
    names.map((name) => join(root, name)),
    never,
  );
  expect(seen[1]).toMatchObject({ isFile: true, size: 5_000_000_000, mtime: '1700000000500000000' });
  expect(seen.map((one) => one?.isFile)).toEqual([undefined, true, false, false, undefined]);
  expect(await threads.look([], never)).toEqual([]);
  // Whoever settles that file will name what is wrong.
  expect(await threads.look([join(root, 'file/below')], never)).toEqual([undefined]);
});

test.skipIf(!mayHang())(
  'a disk that does not answer holds no timer of the one who looks, and a stop is heard',
  async () => {
    const { root, threads } = await folderAndThreads();
    const hung = join(root, 'hung');
    hangDisk(hung);
    const stop = new AbortController();
    let looks = 0;
    const look = threads.look([join(hung, '00000.png')], stop.signal).finally(() => looks++);
    look.catch(() => {});
    // Heartbeats are timers of this thread: they go off meanwhile.
    for (let nth = 0; nth < 10; nth++) await delay(20);
    expect(looks).toBe(0);
    stop.abort(new Error('told to stop'));
    await expect(look).rejects.toThrow('told to stop');
    // The thread is held by the disk; whoever closes them is not.
    await threads.close();
  },
);

import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readState, serverFiles } from '../../src/server/server-state.ts';
import { makeHostFolder, thisMachine } from '../../src/server/state-folder.ts';

let root: string;
let state: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ffhq-test-state-'));
  state = join(root, 'ffhq');
  await mkdir(state, { mode: 0o700 });
});
afterEach(() => rm(root, { recursive: true }));

test('a state folder of this user alone is used, by a link too, and one that is not there holds nothing', async () => {
  const files = serverFiles(state);
  makeHostFolder(files, thisMachine);
  expect(readState(files)).toBeUndefined();
  await symlink(state, join(root, 'linked'));
  expect(readState(serverFiles(join(root, 'linked')))).toBeUndefined();
  expect(readState(serverFiles(join(root, 'nowhere')))).toBeUndefined();
});

test.each(['777', '770', '702'])(
  'a state folder with mode %s is not believed: others may have written which process to end and what to run',
  async (mode) => {
    await chmod(state, Number.parseInt(mode, 8));
    expect(() => serverFiles(state)).toThrow(`mode ${mode}; chmod go-w ${state}`);
  },
);

test('nor is the folder of this host in it, nor a file in its place', async () => {
  const { folder } = serverFiles(state);
  await mkdir(folder);
  await chmod(folder, 0o777);
  expect(() => serverFiles(state)).toThrow('mode 777');
  await rm(folder, { recursive: true });
  await writeFile(folder, '');
  expect(() => serverFiles(state)).toThrow('something else');
});

test.skipIf(process.geteuid?.() !== 0)('nor is one of another user', async () => {
  await chown(state, 12345, 12345);
  expect(() => serverFiles(state)).toThrow('one of user 12345');
});

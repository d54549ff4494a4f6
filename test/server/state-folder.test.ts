import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { isAlive, processNow } from '../../src/process/process-ref.ts';
import { ensureEmbeddedServer } from '../../src/server/embedded-server.ts';
import { findEmbeddedServer } from '../../src/server/provided-server.ts';
import { readState, serverFiles, writeState } from '../../src/server/server-state.ts';
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

test('what somebody else can have written there ends no process and runs no program', async () => {
  const victim = spawn('sleep', ['600']);
  onTestFinished(() => {
    victim.kill();
  });
  await once(victim, 'spawn');
  const ref = processNow(victim.pid ?? 0);
  if (ref === undefined) throw new Error('expected a process, got none');
  const ran = join(root, 'ran');
  const executable = join(root, 'temporal');
  await writeFile(executable, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
  const files = serverFiles(state);
  makeHostFolder(files, thisMachine);
  // The discard port: no server answers there, so this one would be stopped, and started again from the same.
  const ports = { port: 9, uiPort: 9 };
  const rest = { socket: 'server-0.sock', clusterId: '', serverVersion: '1', database: join(state, 'db') };
  writeState(files, { process: ref, executable, ...ports, ...rest });
  await chmod(state, 0o777);
  const config = { ...readConfig({ XDG_CACHE_HOME: root }), stateDir: state };
  const refusal = `state folder [${state}]: expected one that only user`;
  await expect(ensureEmbeddedServer({ config, onLine: () => {} })).rejects.toThrow(refusal);
  await expect(findEmbeddedServer(config)).rejects.toThrow(refusal);
  expect(isAlive(ref)).toBe(true);
  expect(existsSync(ran)).toBe(false);
});

test.skipIf(process.geteuid?.() !== 0)('nor is one of another user', async () => {
  await chown(state, 12345, 12345);
  expect(() => serverFiles(state)).toThrow('one of user 12345');
});

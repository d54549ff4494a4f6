import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { fateOf, isAlive } from '../../src/process/process-ref.ts';
import { type EmbeddedServer, ensureEmbeddedServer } from '../../src/server/embedded-server.ts';
import { launchServer } from '../../src/server/launch-server.ts';
import { readState, type ServerState, serverFate, serverFiles } from '../../src/server/server-state.ts';
import { type Machine, thisMachine } from '../../src/server/state-folder.ts';
import { connectClient, settingsForAddress } from '../../src/temporal/connection.ts';
import { eventually } from '../support/eventually.ts';
import { type Child, startChild } from '../support/server/child.ts';
import { type ServerFolders, serverFolders } from '../support/server/server-folders.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folders(): ServerFolders {
  const made = serverFolders();
  cleanups.push(() => made.remove());
  return made;
}

async function ensure(
  own: ServerFolders,
  lines: string[] = [],
  machine: Machine = thisMachine,
): Promise<EmbeddedServer> {
  const server = await ensureEmbeddedServer({
    config: own.config,
    onLine: (line) => lines.push(line),
    machine,
  });
  cleanups.push(() => server.release());
  return server;
}

function stateOf(own: ServerFolders): ServerState {
  const state = readState(serverFiles(own.config.stateDir));
  if (!state) throw new Error('expected a state file, got none');
  return state;
}

/** `ffhq server` as a container runs it: it sees no process of ours, and its own die with it. */
async function inContainer(own: ServerFolders, options: { readonly ownNetwork?: boolean } = {}) {
  const program = new URL('../support/server/server-command.ts', import.meta.url);
  const child: Child = startChild(program, [JSON.stringify(own.config)], { ownPids: true, ...options });
  cleanups.push(() => child.kill('SIGKILL'));
  await child.line(/Ctrl-C stops it/);
  return child;
}

async function clusterOf(server: EmbeddedServer): Promise<string> {
  const { connection, clusterId } = await connectClient(settingsForAddress(server.address, 'default'));
  await connection.close();
  return clusterId;
}

const canUnshare = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(canUnshare)(
  'two containers that share a state folder use one server, and the second starts it again when the first is killed',
  async () => {
    const own = folders();
    const first = await inContainer(own);
    const state = stateOf(own);
    expect(fateOf(state.process)).toBe('unknown');
    const lines: string[] = [];
    const second = await ensure(own, lines);
    expect(second).toMatchObject({ startedHere: false, address: `127.0.0.1:${state.port}` });
    expect(await clusterOf(second)).toBe(state.clusterId);
    second.supervise();

    await first.kill('SIGKILL');
    await eventually('the server to run again', () => lines.includes('the embedded server runs again'));
    expect(lines).toHaveLength(2);
    expect(stateOf(own)).toMatchObject({ database: state.database, clusterId: state.clusterId });
    expect(await clusterOf(second)).toBe(state.clusterId);
    expect(await second.release()).toEqual({ stopped: true });
  },
);

test.runIf(canUnshare)(
  'the last command to end leaves alone a server that another container runs',
  async () => {
    const own = folders();
    const first = await inContainer(own);
    const second = await ensure(own);
    const state = stateOf(own);
    expect(await second.release()).toEqual({ stopped: false });
    expect(await serverFate(serverFiles(own.config.stateDir), state)).toBe('alive');
    expect(stateOf(own)).toEqual(state);
    await first.kill('SIGKILL');
    await eventually('its end', async () => {
      return (await serverFate(serverFiles(own.config.stateDir), state)) === 'gone';
    });
  },
);

test.runIf(canUnshare)(
  'a container that cannot reach the server of another one says so in a sentence, and starts none',
  async () => {
    const own = folders();
    await inContainer(own, { ownNetwork: true });
    const state = stateOf(own);
    const refusal = await ensure(own).catch((error: Error) => error);
    expect(refusal).toMatchObject({ exitCode: 2 });
    expect((refusal as Error).message).toMatch(
      /expected to reach the one that another container of this host runs at its 127\.0\.0\.1:\d+, got no answer; let both share the network, or give this one a state folder of its own with XDG_STATE_HOME$/,
    );
    expect(stateOf(own)).toEqual(state);
  },
);

test('the database is locked for as long as its server lives, whoever starts another one', async () => {
  const own = folders();
  const server = await ensure(own);
  const { executable, serverVersion, port, uiPort } = stateOf(own);
  // Another program that knows nothing of our lock, on the same file.
  const other = { ...serverFiles(own.config.stateDir), folder: `${own.folder}/other` };
  mkdirSync(other.folder);
  const files = { ...other, state: join(other.folder, 'server.json'), log: join(other.folder, 'server.log') };
  symlinkSync(server.database, join(other.folder, basename(server.database)));
  const started = launchServer({
    ...{ files, executable, serverVersion, namespace: 'default', onLine: () => {} },
    ...{ port: port + 500, uiPort: uiPort + 500 },
  });
  await expect(started).rejects.toThrow(/database is locked/);
});

test('a foreign server that took the port is not mistaken for ours', async () => {
  const foreign = await ensure(folders());
  const own = folders();
  const { executable, serverVersion } = await ensureAndRelease(own);
  const files = serverFiles(own.config.stateDir);
  const port = Number(foreign.address.split(':')[1]);
  const launched = launchServer({
    ...{ files, executable, serverVersion, namespace: 'default', onLine: () => {} },
    ...{ port, uiPort: own.config.uiPort },
  });
  await expect(launched).rejects.toMatchObject({ name: 'ServerStartError', mayStartAgain: true });
  expect(readState(files)).toBeUndefined();
});

async function ensureAndRelease(own: ServerFolders): Promise<ServerState> {
  const server = await ensure(own);
  const state = stateOf(own);
  await server.release();
  return state;
}

test('a server that is known by its database is found again, and one that answers for another is not', async () => {
  const own = folders();
  const server = await ensure(own);
  const state = stateOf(own);
  expect(state.clusterId).toBe(await clusterOf(server));
  expect(readFileSync(`${state.database}.cluster-id`, 'utf8')).toBe(state.clusterId);
  expect((await ensure(own)).startedHere).toBe(false);
  // As if the answer came from somebody else's server.
  const files = serverFiles(own.config.stateDir);
  writeFileSync(files.state, JSON.stringify({ ...state, clusterId: 'another' }));
  const lines: string[] = [];
  const again = await ensure(own, lines);
  expect(again.startedHere).toBe(true);
  expect(lines.join('\n')).toContain('no answer in 15 s, so it is stopped');
  expect(isAlive(state.process)).toBe(false);
  expect(await clusterOf(again)).toBe(state.clusterId);
});

test('two hosts that share a home have a server and a database each', async () => {
  const own = folders();
  const here = await ensure(own);
  const there = await ensure(own, [], { ...thisMachine, hostId: 'another-host' });
  expect(there.startedHere).toBe(true);
  expect(dirname(there.database)).not.toBe(dirname(here.database));
  expect(dirname(dirname(there.database))).toBe(dirname(dirname(here.database)));
  expect(await clusterOf(there)).not.toBe(await clusterOf(here));
});

/** State folders lie on NFS, everything else does not. */
function withNfsHome(own: ServerFolders, localFolder = join(own.folder, 'local')): Machine {
  mkdirSync(localFolder, { recursive: true });
  const isHome = (path: string) => path === own.folder || path.startsWith(own.config.stateDir);
  return { ...thisMachine, localFolder, fileSystemOf: (path) => (isHome(path) ? 0x6969 : 0xef53) };
}

test('where the state folder lies on NFS, a private folder on local disk is used, and that is said once', async () => {
  const own = folders();
  const machine = withNfsHome(own);
  const lines: string[] = [];
  const server = await ensure(own, lines, machine);
  server.supervise();
  const again = await ensure(own, lines, machine);
  expect(again).toMatchObject({ startedHere: false, address: server.address });
  expect(server.database.startsWith(`${machine.localFolder}/ffhq-`)).toBe(true);
  expect(statSync(dirname(dirname(server.database))).mode & 0o777).toBe(0o700);
  expect(statSync(dirname(server.database)).mode & 0o777).toBe(0o700);
  const said = lines.filter((line) => line.includes('NFS'));
  expect(said).toEqual([
    `state folder [${own.config.stateDir}]: it lies on NFS, where the server's database is not safe; ` +
      `${dirname(server.database)} is used instead`,
  ]);
});

test('a local folder that others can reach into, or a link in its place, is refused', async () => {
  const own = folders();
  const machine = withNfsHome(own);
  const folder = join(machine.localFolder, `ffhq-${process.getuid?.()}`);
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  await expect(ensure(own, [], machine)).rejects.toThrow(
    /expected one of this user with mode 700, got one of user \d+ with mode 755; name a state folder on local disk with XDG_STATE_HOME/,
  );
  renameSync(folder, `${folder}-real`);
  chmodSync(`${folder}-real`, 0o700);
  symlinkSync(`${folder}-real`, folder);
  await expect(ensure(own, [], machine)).rejects.toThrow('got something else');
  const nowhere = { ...machine, fileSystemOf: () => 0x65735546 };
  await expect(ensure(own, [], nowhere)).rejects.toThrow('expected it on local disk, got FUSE');
  expect(readdirSync(`${folder}-real`)).toEqual([]);
});

test("an older version's database is taken over with its runs, unless its server may still run", async () => {
  const own = folders();
  const { stateDir } = own.config;
  const { database, clusterId } = await ensureAndRelease(own);
  for (const name of readdirSync(dirname(database)).filter((file) => file.startsWith('temporal-')))
    renameSync(join(dirname(database), name), join(stateDir, name));
  writeFileSync(join(stateDir, 'server.json'), '{}');
  const apart = await ensure(own, [], { ...thisMachine, hostId: 'another-host' });
  expect(await clusterOf(apart)).not.toBe(clusterId);
  renameSync(join(stateDir, 'server.json'), join(stateDir, 'server.json.gone'));
  // Here a start was killed before there was one.
  writeFileSync(`${database}.begun`, '');
  const taken = await ensure(own);
  expect(taken.database).toBe(database);
  expect(await clusterOf(taken)).toBe(clusterId);
  expect(existsSync(join(stateDir, basename(database)))).toBe(false);
});

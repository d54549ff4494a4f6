import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { afterEach, expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { isAlive } from '../../src/process/process-ref.ts';
import { type EmbeddedServer, ensureEmbeddedServer } from '../../src/server/embedded-server.ts';
import { launchServer, stopProcess } from '../../src/server/launch-server.ts';
import { readState, type ServerState, serverFiles } from '../../src/server/server-state.ts';
import { type Connected, connectClient, settingsForAddress } from '../../src/temporal/connection.ts';
import { addSearchAttributesCommand, missingSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { ffhqFailed, ffhqRun } from '../../src/workflows/contract/search-attributes.ts';
import { eventually } from '../support/eventually.ts';
import { type Child, startChild } from '../support/server/child.ts';
import { type ServerFolders, serverFolders } from '../support/server/server-folders.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folders(ports: Parameters<typeof serverFolders>[0] = {}): ServerFolders {
  const made = serverFolders(ports);
  cleanups.push(() => made.remove());
  return made;
}

function ensure(own: ServerFolders, lines: string[] = []): Promise<EmbeddedServer> {
  return ensureEmbeddedServer({ config: own.config, onLine: (line) => lines.push(line) });
}

async function connected(server: EmbeddedServer): Promise<Connected> {
  const made = await connectClient(settingsForAddress(server.address, server.namespace));
  cleanups.push(() => made.connection.close());
  return made;
}

function stateOf(own: ServerFolders): ServerState {
  const state = readState(serverFiles(own.config.stateDir));
  if (!state) throw new Error('expected a state file, got none');
  return state;
}

const serverCommand = new URL('../support/server/server-command.ts', import.meta.url);
const anyCommand = new URL('../support/server/ensure-server.ts', import.meta.url);

function command(own: ServerFolders, config: Config = own.config, program = serverCommand): Child {
  const child = startChild(program, [JSON.stringify(config)]);
  cleanups.push(() => child.process.kill('SIGKILL'));
  return child;
}

/** An executable that does `first` at its first start as a server, and is the real one then. */
function onceOtherwise(own: ServerFolders, first: string): Config {
  const flag = join(own.folder, 'once');
  return asServer(own, `[ -e ${flag} ] || { touch ${flag}; ${first}; }`);
}

/** An executable that does `what` before it starts as a server. */
function asServer(own: ServerFolders, what: string): Config {
  const wrapper = join(own.folder, 'temporal');
  const script = [
    '#!/bin/sh',
    `if [ "$1" = server ]; then ${what}; fi`,
    `exec ${own.config.temporalCliPath} "$@"`,
  ];
  writeFileSync(wrapper, `${script.join('\n')}\n`, { mode: 0o755 });
  return { ...own.config, temporalCliPath: wrapper };
}

test('a server that is killed while it starts is started again', async () => {
  const own = folders();
  const config = onceOtherwise(own, 'kill -9 $$');
  const server = await ensureEmbeddedServer({ config, onLine: () => {} });
  expect(existsSync(join(own.folder, 'once'))).toBe(true);
  await (await connected(server)).connection.close();
  await server.release();
});

/** Of the arguments of a server's start: what a kill at its first moment leaves of its database. */
const BEGIN = 'for db; do case "$db" in *.db) : > "$db"; esac; done';

test('a server that is killed while it makes its database makes it anew', async () => {
  const own = folders();
  const config = onceOtherwise(own, `${BEGIN}; kill -9 $$`);
  const lines: string[] = [];
  const server = await ensureEmbeddedServer({ config, onLine: (line) => lines.push(line) });
  await (await connected(server)).connection.close();
  await server.release();
  expect(lines.join()).not.toContain('lacks tables');
  expect(lines.join()).toContain('was never finished');
});

test('where the command is killed too, the next one makes the database anew', async () => {
  const own = folders();
  const killed = command(own, onceOtherwise(own, `${BEGIN}; kill -9 $PPID; kill -9 $$`));
  await killed.closed;
  const lines: string[] = [];
  const server = await ensure(own, lines);
  await (await connected(server)).connection.close();
  await server.release();
  expect(lines.join()).not.toContain('lacks tables');
  expect(lines.join()).toContain('was never finished');
});

test('a database that lacks tables is kept beside a new one, and that is said', async () => {
  const own = folders();
  const first = await ensure(own);
  await first.release();
  for (const suffix of ['-wal', '-shm']) rmSync(`${first.database}${suffix}`, { force: true });
  writeFileSync(first.database, '');
  const lines: string[] = [];
  const server = await ensure(own, lines);
  await (await connected(server)).connection.close();
  await server.release();
  const aside = /a new one begins, and that one is kept as (.+)$/.exec(
    lines.find((line) => line.includes('lacks tables')) ?? '',
  );
  expect(existsSync(aside?.[1] ?? '')).toBe(true);
});

test('a database that was away while another start failed, and is back, is the one that goes on', async () => {
  const own = folders();
  const first = await ensure(own);
  const { clusterId } = await connected(first);
  await first.release();
  const parts = ['-wal', ''].map((part) => `${first.database}${part}`).filter((file) => existsSync(file));
  for (const file of parts) renameSync(file, `${file}.away`);
  const config = asServer(own, 'exit 1');
  await expect(ensureEmbeddedServer({ config, onLine: () => {} })).rejects.toThrow(/got its end/);
  for (const file of parts) renameSync(`${file}.away`, file);
  const server = await ensure(own);
  expect((await connected(server)).clusterId).toBe(clusterId);
  await server.release();
});

test('what others say in the log of a server that ends takes no database from it', async () => {
  const own = folders();
  const first = await ensure(own);
  const { clusterId } = await connected(first);
  await first.release();
  const said = 'time=now level=WARN wf-id="Error: SQL logic error: no such table: x"';
  const config = asServer(own, `echo '${said}'; exit 1`);
  await expect(ensureEmbeddedServer({ config, onLine: () => {} })).rejects.toThrow(/no such table: x/);
  const server = await ensure(own);
  expect((await connected(server)).clusterId).toBe(clusterId);
  await server.release();
});

test('a command whose server cannot start says why each time, and does not end because nothing else is left to do', async () => {
  const own = folders();
  const config = asServer(own, 'echo broken for good; exit 1');
  for (let time = 1; time <= 6; time += 1) {
    const child = command(own, config, anyCommand);
    // Node.js ends with 13 where it waits for what will never be told.
    expect(await child.closed).toBe(1);
    expect(child.lines.join('\n')).toContain('broken for good');
  }
});

test('a second command uses the server of the first, and the last one to end stops it', async () => {
  const own = folders();
  const first = await ensure(own);
  const second = await ensure(own);
  expect(first.startedHere).toBe(true);
  expect(second).toMatchObject({ startedHere: false, address: first.address, uiAddress: first.uiAddress });
  const { process } = stateOf(own);
  expect(await first.release()).toEqual({ stopped: false });
  expect(isAlive(process)).toBe(true);
  expect(await second.release()).toEqual({ stopped: true });
  expect(isAlive(process)).toBe(false);
  expect(await second.release()).toEqual({ stopped: true });
});

test('commands that start at the same moment get one server', async () => {
  const own = folders();
  const servers = await Promise.all([ensure(own), ensure(own), ensure(own)]);
  expect(servers.filter(({ startedHere }) => startedHere)).toHaveLength(1);
  expect(new Set(servers.map(({ address }) => address)).size).toBe(1);
  await Promise.all(servers.map((server) => server.release()));
});

test('workflows survive a kill of the server, which is started again at the same address', async () => {
  const own = folders();
  const lines: string[] = [];
  const server = await ensure(own, lines);
  server.supervise();
  const { client, clusterId } = await connected(server);
  await client.workflow.start('anything', {
    workflowId: 'kept',
    taskQueue: 'nobody',
    typedSearchAttributes: [{ key: ffhqRun, value: 'kept' }],
  });
  const killed = stateOf(own).process;
  process.kill(killed.pid, 'SIGKILL');
  const again = await eventually('another server', () => {
    const state = readState(serverFiles(own.config.stateDir));
    return (
      state && state.process.pid !== killed.pid && lines.includes('the embedded server runs again') && state
    );
  });
  expect(`127.0.0.1:${again.port}`).toBe(server.address);
  expect(server.pid()).toBe(again.process.pid);
  const after = await connected(server);
  expect(after.clusterId).toBe(clusterId);
  expect((await after.client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
  expect(await server.release()).toEqual({ stopped: true });
});

test('the server of a command that was killed is taken over, and stopped with the one that took it', async () => {
  const own = folders();
  const killed = command(own);
  await killed.line(/Ctrl-C stops it/);
  await killed.kill('SIGKILL');
  const orphan = stateOf(own).process;
  expect(isAlive(orphan)).toBe(true);
  const lines: string[] = [];
  const server = await ensure(own, lines);
  expect(server.startedHere).toBe(false);
  expect(server.pid()).toBe(orphan.pid);
  expect(lines.join()).toContain('taking over');
  await server.release();
  expect(isAlive(orphan)).toBe(false);
});

test('the server command says where everything is, and Ctrl-C stops its server but not that of another', async () => {
  const own = folders();
  const alone = command(own);
  await alone.line(/Ctrl-C stops it/);
  const { process: first, port, uiPort, database } = stateOf(own);
  const said = alone.lines.join('\n');
  for (const part of [`127.0.0.1:${port}`, `http://127.0.0.1:${uiPort}`, database])
    expect(said).toContain(part);
  expect((await fetch(`http://127.0.0.1:${uiPort}/`)).status).toBe(200);
  expect(await alone.kill('SIGINT')).toBe(0);
  expect(isAlive(first)).toBe(false);

  const server = await ensure(own);
  const joining = command(own);
  await joining.line(/already runs/);
  await joining.line(/Ctrl-C stops it/);
  expect(await joining.kill('SIGTERM')).toBe(0);
  expect(joining.lines.join('\n')).toContain('goes on');
  expect(isAlive(stateOf(own).process)).toBe(true);
  await server.release();
});

test('ports that are taken are moved', async () => {
  const own = folders();
  for (const port of [own.config.serverPort, own.config.uiPort]) {
    const other = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    cleanups.push(() => other.close());
  }
  const lines: string[] = [];
  const server = await ensure(own, lines);
  expect(server.address).not.toBe(`127.0.0.1:${own.config.serverPort}`);
  expect(lines.filter((line) => line.includes('is taken'))).toHaveLength(2);
  await connected(server);
  await server.release();
});

test('a database made without search attributes and with one day of retention is given both', async () => {
  const own = folders();
  const older = await ensure(own);
  await older.release();
  expect(existsSync(older.database)).toBe(true);
  // The same server as the CLI starts it by itself, on a file that the project did not make.
  const { connection } = await plainServer(own);
  const { workflowService, operatorService } = connection;
  await workflowService.updateNamespace({
    namespace: 'default',
    config: { workflowExecutionRetentionTtl: msToTs('1 day') },
  });
  await operatorService.removeSearchAttributes({
    namespace: 'default',
    searchAttributes: ['FfhqRun', 'FfhqFailed'],
  });
  const missing = await missingSearchAttributes(connection, 'default');
  expect(missing.map(({ name }) => name)).toEqual(['FfhqRun', 'FfhqFailed']);
  expect(addSearchAttributesCommand(missing, { address: 'there:7233', namespace: 'ours' })).toBe(
    'temporal operator search-attribute create --address there:7233 --namespace ours' +
      ' --name FfhqRun --type Keyword --name FfhqFailed --type Int',
  );
  await connection.close();
  await stopProcess(stateOf(own).process);

  const server = await ensure(own);
  expect(server.database).toBe(older.database);
  const now = await connected(server);
  expect(await missingSearchAttributes(now.connection, 'default')).toEqual([]);
  const { customAttributes } = await now.connection.operatorService.listSearchAttributes({
    namespace: 'default',
  });
  expect(customAttributes.FfhqFailed).toBe(
    proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_INT,
  );
  const { config } = await now.connection.workflowService.describeNamespace({ namespace: 'default' });
  expect(tsToMs(config?.workflowExecutionRetentionTtl)).toBeGreaterThanOrEqual(30 * 86_400_000);
  await now.client.workflow.start('anything', {
    taskQueue: 'nobody',
    workflowId: 'with-attributes',
    typedSearchAttributes: [
      { key: ffhqRun, value: 'run' },
      { key: ffhqFailed, value: 3 },
    ],
  });
  await server.release();

  async function plainServer(of: ServerFolders): Promise<{ connection: Connection }> {
    const files = serverFiles(of.config.stateDir);
    const { serverPort: port, uiPort, temporalCliPath: executable = '' } = of.config;
    const serverVersion = older.serverVersion;
    const state = await launchServer({
      files,
      executable,
      serverVersion,
      namespace: 'default',
      port,
      uiPort,
      onLine: () => {},
    });
    return { connection: await Connection.connect({ address: `127.0.0.1:${state.port}` }) };
  }
});

test('a namespace other than the default is made where it is missing', async () => {
  const own = folders();
  const server = await ensure(own);
  const other = await ensureEmbeddedServer({ config: own.config, onLine: () => {}, namespace: 'mine' });
  const { client, connection } = await connected(other);
  expect(await missingSearchAttributes(connection, 'mine')).toEqual([]);
  await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'there' });
  await other.release();
  await server.release();
});

test.runIf(existsSync('/proc/net/tcp'))('nothing but loopback reaches the server', async () => {
  const own = folders();
  const server = await ensure(own);
  server.supervise();
  const { port, uiPort, ui } = stateOf(own);
  expect(listeningAt(port)).toEqual(['0100007F']);
  await eventually('the door to the UI', () => listeningAt(uiPort).length > 0);
  expect(listeningAt(uiPort)).toEqual(['0100007F']);
  expect(ui?.port).toBeGreaterThan(0);
  for (const address of listeningAt(ui?.port ?? 0)) expect(address).toMatch(/^[0-9A-F]{6}7F$/);
  expect(statSync(own.config.stateDir).mode & 0o077).toBe(0);
  await server.release();
});

/** Addresses, as the kernel writes them, at which something listens at the port. */
function listeningAt(port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(suffix))
    .map(([, local]) => local?.split(':')[0] ?? '');
}

test('a server that cannot start is an error that ends with its log', async () => {
  const own = folders();
  const server = await ensure(own);
  await server.release();
  for (const rest of ['-wal', '-shm']) rmSync(`${server.database}${rest}`, { force: true });
  writeFileSync(server.database, 'this is no database');
  await expect(ensure(own)).rejects.toThrow(
    /expected it to run, got its end; its log .* ends:\n.*(not a database|sqlite)/is,
  );
  expect(readState(serverFiles(own.config.stateDir))).toBeUndefined();
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedServer, ensureEmbeddedServer } from '../../../src/server/embedded-server.ts';
import { freePort } from '../../../src/server/free-port.ts';
import { readState, type ServerState, serverFiles } from '../../../src/server/server-state.ts';
import { keepUiDoor } from '../../../src/server/ui/ui-door.ts';
import { connectClient, settingsForAddress } from '../../../src/temporal/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { type ServerFolders, serverFolders } from '../../support/server/server-folders.ts';

const serveDoor = new URL('../../../dist/server/ui/serve-ui-door.js', import.meta.url);

let own: ServerFolders;
let server: EmbeddedServer;
let state: ServerState;

beforeAll(async () => {
  own = serverFolders();
  server = await ensure();
  const found = readState(serverFiles(own.config.stateDir));
  if (found === undefined) throw new Error('expected a state file, got none');
  state = found;
  await eventually('the UI', async () => (await ask('/api/v1/namespaces')).status === 200);
});

afterAll(async () => {
  await server?.release();
  await own?.remove();
});

function ensure(): Promise<EmbeddedServer> {
  return ensureEmbeddedServer({ config: own.config, onLine: () => {} });
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

interface Asking {
  readonly port?: number;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** `fetch` sets Host and Origin itself. Status 0: nobody listens. */
function ask(path: string, { port = state.uiPort, method = 'GET', headers = {}, body }: Asking = {}) {
  return new Promise<Answer>((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (got) => {
      let text = '';
      got.setEncoding('utf8');
      got.on('data', (piece: string) => {
        text += piece;
      });
      got.on('end', () => resolve({ status: got.statusCode ?? 0, headers: got.headers, body: text }));
    });
    asked.on('error', () => resolve({ status: 0, headers: {}, body: '' }));
    asked.end(body);
  });
}

const START = '/api/v1/namespaces/default/workflows/planted';
const planted = JSON.stringify({ workflowType: { name: 'anything' }, taskQueue: { name: 'nobody' } });

async function workflows(): Promise<readonly string[]> {
  const { client, connection } = await connectClient(settingsForAddress(server.address, 'default'));
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list()) ids.push(workflowId);
  await connection.close();
  return ids;
}

test('a tab of its user sees the UI and what the UI asks the server', async () => {
  const page = await ask('/');
  expect(page.headers['content-type']).toContain('text/html');
  expect(page.headers['x-frame-options']).toBe('DENY');
  const answer = await ask('/api/v1/namespaces');
  expect(JSON.parse(answer.body)).toMatchObject({ namespaces: expect.anything() });
});

test.each([
  ['by a name of its own that leads here', { host: 'evil.example:8233' }],
  ['by its origin', { origin: 'https://evil.example' }],
  ['of another port of this machine', { origin: 'http://127.0.0.1:8888' }],
  ['in a sandbox', { origin: 'null' }],
  ['by a script', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
])('a page elsewhere reads nothing of the server and starts nothing: %s', async (_how, headers) => {
  for (const path of ['/', '/api/v1/namespaces', '/api/v1/settings']) {
    const read = await ask(path, { headers });
    expect(read.status).toBe(403);
    expect(read.body).toMatch(/^Temporal UI: expected /);
    expect(read.headers['set-cookie']).toBeUndefined();
  }
  const written = await ask(START, { method: 'POST', headers, body: planted });
  expect(written.status).toBe(403);
  expect(await workflows()).not.toContain('planted');
});

test('a request inside of the body of another one reaches nobody', async () => {
  const inner = 'GET /api/v1/namespaces HTTP/1.1\r\nHost: evil.example\r\n\r\n';
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
    const headers = { 'transfer-encoding': 'chunked' };
    expect((await ask('/api/v1/namespaces', { method, headers, body: inner })).status).toBe(403);
  }
  const page = await ask('/');
  expect(page.headers['content-type']).toContain('text/html');
});

test.runIf(process.platform === 'linux')(
  'nothing else that the server listens at serves a page',
  async () => {
    const others = listeningPorts(state.process.pid).filter((port) => port !== state.uiPort);
    expect(others).toContain(state.port);
    let closed = 0;
    for (const port of others) {
      const read = await ask('/api/v1/namespaces', { port });
      expect(read.body).not.toContain('namespaces"');
      const written = await ask(START, {
        ...{ port, method: 'POST', headers: { 'content-type': 'text/plain' }, body: planted },
      });
      if (written.status === 403) closed += 1;
      expect(written.status).not.toBe(200);
    }
    // Its HTTP API is there, and lets nobody in.
    expect(closed).toBe(1);
    expect(await workflows()).not.toContain('planted');
  },
);

test('a command says once that a stranger has the port, and nothing of another command of its user', async () => {
  const stranger = createServer((_, answer) => answer.end('welcome'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const ended = new AbortController();
  const taken: number[] = [];
  const { server: name } = (await ask('/')).headers;
  const id = String(name).split('/')[1] ?? '';
  const keep = (port: number) =>
    keepUiDoor({ port, id, ui: () => state.ui, signal: ended.signal, onTaken: () => taken.push(port) });
  const { port } = stranger.address() as AddressInfo;
  const keeping = [keep(port), keep(state.uiPort)];
  await eventually('word of the stranger', () => taken.length > 0);
  stranger.close();
  await eventually('the UI', async () => (await ask('/', { port })).status === 200);
  expect(taken).toEqual([port]);
  ended.abort();
  await Promise.all(keeping);
});

test('the UI comes back at its own port, where a worker keeps the door after server and command were killed', async () => {
  const own = serverFolders();
  try {
    const worker = await ensureEmbeddedServer({ config: own.config, onLine: () => {} });
    const before = readState(serverFiles(own.config.stateDir));
    if (before === undefined) throw new Error('expected a state file, got none');
    process.kill(before.process.pid, 'SIGKILL');
    const lines: string[] = [];
    const next = await ensureEmbeddedServer({ config: own.config, onLine: (line) => lines.push(line) });
    expect(next).toMatchObject({ startedHere: true, uiAddress: worker.uiAddress });
    expect(lines.filter((line) => line.includes('is taken'))).toEqual([]);
    await worker.release();
    await eventually('the UI', async () => (await ask('/', { port: before.uiPort })).status === 200);
    await next.release();
  } finally {
    await own.remove();
  }
});

test('as a process of its own, before a UI elsewhere, it lets in the same and refuses the same', async () => {
  const { ui, uiPort } = state;
  const port = await freePort(uiPort + 1_000);
  if (ui === undefined) throw new Error('expected the address of the UI, got none');
  const door = spawn(process.execPath, [fileURLToPath(serveDoor), `${ui.host}:${ui.port}`, String(port)]);
  const ended = once(door, 'exit');
  try {
    await eventually('the door', async () => (await ask('/', { port })).status === 200);
    const read = await ask('/', { port, headers: { host: 'evil.example' } });
    expect(read.status).toBe(403);
  } finally {
    door.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
});

test('when the command that keeps the door ends, another one that uses the server keeps it', async () => {
  // As a worker does, which leaves it to others to start the server again.
  const second = await ensure();
  await server.release();
  await eventually('the UI', async () => (await ask('/')).status === 200);
  await second.release();
  expect((await ask('/')).status).toBe(0);
  server = await ensure();
});

/** Ports of 127.0.0.1 at which the process listens. */
function listeningPorts(pid: number): readonly number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local = '', , kind, , , , , , inode = '']) =>
        kind === '0A' && sockets.has(inode) && local.startsWith('0100007F'),
    )
    .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16));
}

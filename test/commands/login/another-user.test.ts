import { execFile } from 'node:child_process';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { endianness } from 'node:os';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ConnectionTables, ownerOfPeer } from '../../../src/commands/login/peer-owner.ts';
import { waitForRedirect } from '../../../src/commands/login/redirect-server.ts';

/** What another user of the machine reads in the list of processes leads to a sign-in: they ask it before the browser does. */

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

async function waiting(owner?: Parameters<typeof waitForRedirect>[2]) {
  const told: string[] = [];
  const server = await waitForRedirect('a-state', (problem) => told.push(problem), owner);
  onTestFinished(() => server.close());
  const door = server.onceTo('https://accounts.google.com/?state=a-state');
  const answer = (code: string) => `${server.uri}?state=a-state&code=${code}`;
  return { server, told, door, answer };
}

const ask = async (url: string) => {
  const { status, headers } = await fetch(url, { redirect: 'manual' });
  return { status, location: headers.get('location') ?? '' };
};

test.runIf(isLinux && isRoot)(
  'another user who asks first is led nowhere and answers nothing, and the sign-in goes on',
  async () => {
    const { server, told, door, answer } = await waiting();
    const asNobody = async (url: string) => {
      const script = `fetch(${JSON.stringify(url)}, { redirect: 'manual' }).then((r) => console.log(r.status, r.headers.get('location')))`;
      const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
        uid: NOBODY,
        gid: NOBODY,
        cwd: '/',
        env: {},
      });
      return stdout.trim();
    };
    expect(await asNobody(door)).toBe('403 null');
    expect(await asNobody(answer('of-a-stranger'))).toBe('403 null');
    expect(await ask(door)).toMatchObject({
      status: 302,
      location: expect.stringContaining('state=a-state'),
    });
    expect((await ask(answer('mine'))).status).toBe(200);
    expect(await server.came).toEqual({ says: 'code', code: 'mine' });
    expect(told.join()).toContain('got one of another user of this machine');
  },
);

test('whose program asks decides, at the page and at the answer', async () => {
  let owner: 'mine' | 'another' = 'another';
  const { server, door, answer } = await waiting(() => owner);
  expect((await ask(door)).status).toBe(403);
  expect((await ask(answer('of-a-stranger'))).status).toBe(403);
  owner = 'mine';
  expect((await ask(door)).status).toBe(302);
  expect((await ask(answer('mine'))).status).toBe(200);
  expect(await server.came).toEqual({ says: 'code', code: 'mine' });
});

test('where nobody can tell whose program asks, a browser that comes after the answer ends the sign-in', async () => {
  const { server, door, answer } = await waiting(() => 'unknown');
  expect((await ask(door)).status).toBe(302);
  expect((await ask(answer('of-a-stranger'))).status).toBe(200);
  expect((await ask(door)).status).toBe(403);
  await expect(server.came).rejects.toThrow('got two');
});

test('so does a second answer; the same one again does not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  for (const codes of [
    ['a-code', 'a-code'],
    ['of-a-stranger', 'a-code'],
  ]) {
    const { server, answer } = await waiting(() => 'unknown');
    for (const code of codes) expect((await ask(answer(code))).status).toBe(200);
    vi.advanceTimersByTime(2_000);
    if (codes[0] === codes[1]) expect(await server.came).toEqual({ says: 'code', code: 'a-code' });
    else await expect(server.came).rejects.toThrow('got two');
  }
});

const me = process.geteuid?.() ?? 0;
const peer = {
  remoteAddress: '127.0.0.2',
  remotePort: 0xbeef,
  localAddress: '127.0.0.1',
  localPort: 80,
} as Socket;
const [far, near] = endianness() === 'LE' ? ['0200007F', '0100007F'] : ['7F000002', '7F000001'];
const row = (local: string, remote: string, state: string, uid: number) =>
  `  sl  local_address rem_address   st\n   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${uid} 0 1 1\n`;

test.each<[string, Partial<ConnectionTables> | undefined, string]>([
  ['of this user', { tcp: row(`${far}:BEEF`, `${near}:0050`, '01', me) }, 'mine'],
  ['of the administrator', { tcp: row(`${far}:BEEF`, `${near}:0050`, '01', 0) }, 'mine'],
  ['of another user', { tcp: row(`${far}:BEEF`, `${near}:0050`, '01', me + 1) }, 'another'],
  ['closed by whoever it was', { tcp: row(`${far}:BEEF`, `${near}:0050`, '05', 0) }, 'another'],
  ['from another address', { tcp: row(`${near}:BEEF`, `${near}:0050`, '01', me) }, 'another'],
  ['from another port', { tcp: row(`${far}:BEEE`, `${near}:0050`, '01', me) }, 'another'],
  ['in no table', {}, 'another'],
  ['where there are no tables', undefined, 'unknown'],
])('a connection %s', (_, tables, owner) => {
  expect(ownerOfPeer(peer, () => tables && { tcp: '', tcp6: '', ...tables })).toBe(owner);
});

test.runIf(isLinux)(
  'a connection of this process is this user`s, by IPv4 and by an IPv6 socket',
  async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const host of ['127.0.0.1', '::ffff:127.0.0.1']) {
      const accepted = new Promise<Socket>((done) => server.once('connection', done));
      const socket = connect(port, host).on('error', () => {});
      const owner = ownerOfPeer(await accepted);
      socket.destroy();
      expect(owner).toBe('mine');
    }
    server.close();
  },
);

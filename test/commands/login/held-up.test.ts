import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { saveLogin } from '../../../src/activities/sources/google-login/login-file.ts';
import { makeHttpClient } from '../../../src/activities/sources/http/client.ts';
import { forget } from '../../../src/commands/login/forget.ts';
import { waitForRedirect } from '../../../src/commands/login/redirect-server.ts';

test('whoever holds a hundred connections open keeps the browser out of no sign-in', async () => {
  const server = await waitForRedirect('a-state', () => {});
  const { port } = new URL(server.uri);
  const held = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
      await new Promise((done) => socket.once('connect', done));
      return socket;
    }),
  );
  onTestFinished(async () => {
    for (const socket of held) socket.destroy();
    await server.close();
  });
  const { status } = await fetch(`${server.uri}?state=a-state&code=a-code`);
  expect(status).toBe(200);
  expect(await server.came).toEqual({ says: 'code', code: 'a-code' });
});

test('a login is forgotten here although Google drips its answer for ever', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('.'.repeat(100)), 50);
    response.once('close', () => clearInterval(drip));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-forget-'));
  const path = join(folder, 'login.json');
  await saveLogin(path, { client: { id: 'an-id', secret: 'a-secret' }, refreshToken: 'a-token' });
  const googleOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = makeHttpClient({ connections: 1, googleOrigin });
  const { timeout } = AbortSignal;
  const hurried = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms / 100));
  onTestFinished(async () => {
    hurried.mockRestore();
    await http.close();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const display = { say: () => {} } as never;
  const forgotten = forget({ path, isGiven: true }, http, display, new AbortController().signal);
  await expect(forgotten).rejects.toThrow('no answer within 60 s; end it at');
  expect(hurried).toHaveBeenCalledWith(60_000);
  expect(existsSync(path)).toBe(false);
});

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { browserCommand } from '../../../src/commands/login/open-browser.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { giveInProcess } from '../../support/in-process.ts';

interface Try {
  readonly words?: string;
  readonly env?: Record<string, string>;
  /** What the person's browser does with Google's page. */
  readonly browser?: (url: string, page: string) => unknown;
  /** What the person pastes for it. */
  readonly paste?: (url: string) => string | Promise<string>;
}

/** A machine with a user, and a Google that knows their client. */
async function machine() {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-login-'));
  const standIn = await startDriveStandIn({ files: new Map() });
  onTestFinished(async () => {
    await standIn.close();
    await rm(folder, { recursive: true });
  });
  const { id, secret } = standIn.signIn.client;
  const client = { installed: { client_id: id, client_secret: secret, auth_uri: 'http://127.0.0.1:1/' } };
  const path = join(folder, 'client.json');
  await writeFile(path, JSON.stringify(client), { mode: 0o600 });
  const saved = join(folder, 'config', 'ffhq', 'google-login.json');
  const go = browse(standIn);
  const login = ({ words = '--client client.json', env = {}, browser, paste }: Try = {}) => {
    const stdin = new PassThrough();
    if (paste === undefined) stdin.end();
    return giveInProcess(['login', 'google', ...words.split(' ').filter((word) => word !== '')], {
      env: { XDG_CONFIG_HOME: join(folder, 'config'), FFHQ_GOOGLE_ORIGIN: standIn.origin, ...env },
      cwd: folder,
      stdin,
      onStdout: async (text) => {
        const [url] = /https:\/\/accounts\.google\.com\/[^\s"]+/.exec(text) ?? [];
        if (url !== undefined && paste !== undefined) stdin.write(`${await paste(url)}\n`);
      },
      services: {
        openBrowser: (page) => {
          if (browser === undefined) return false;
          // Every user of the machine may see it.
          expect(page).not.toMatch(/state|code_challenge|google/);
          void go(page).then(({ location }) => browser(location, page));
          return true;
        },
      },
    });
  };
  return { folder, standIn, desk: standIn.signIn, client: path, saved, login, browse: go };
}

/** Asks a page, and answers where it leads; of Google's it is the stand-in's. */
function browse({ origin }: DriveStandIn) {
  return async (url: string, headers: Record<string, string> = {}) => {
    const { host, pathname, search, hostname } = new URL(url);
    const target = hostname === '127.0.0.1' ? url : `${origin}${pathname}${search}`;
    return new Promise<{ status: number; location: string }>((done, fail) => {
      request(target, { headers: { host, ...headers } }, (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        response.resume().once('end', () => done({ status, location: answered.location ?? '' }));
      })
        .once('error', fail)
        .end();
    });
  };
}

/** Nothing secret stands in what a command wrote. */
function expectNoSecrets({ output }: { output: string }, desk: DriveStandIn['signIn']) {
  expect(output).not.toContain(desk.client.secret);
  expect(output).not.toMatch(/ya29\.|1\/\/|code_verifier|4\/0/);
}

test('a person signs in by the browser, and again without naming the client', async () => {
  const { login, saved, desk, standIn, browse: go } = await machine();
  const browser = async (url: string) => {
    const question = new URL(url);
    expect(question.origin + question.pathname).toBe('https://accounts.google.com/o/oauth2/v2/auth');
    expect(question.searchParams.get('scope')).toBe('https://www.googleapis.com/auth/drive.readonly');
    expect((await go((await go(url)).location)).status).toBe(200);
  };
  const first = await login({ browser });
  expect(first).toMatchObject({ exitCode: 0, output: expect.stringContaining(saved) });
  expect((await stat(saved)).mode & 0o777).toBe(0o600);
  const { refresh_token: before } = JSON.parse(await readFile(saved, 'utf8'));
  const again = await login({ words: '--output json', browser });
  expect(again.exitCode).toBe(0);
  const events = again.stdout.trim().split('\n');
  expect(events.map((line) => JSON.parse(line).event)).toEqual(['login', 'login']);
  expect(JSON.parse(await readFile(saved, 'utf8')).refresh_token).not.toBe(before);
  for (const said of [first, again]) expectNoSecrets(said, desk);
  // No secret in any address.
  const asked = standIn.requests.filter(({ host }) => host === 'oauth2.googleapis.com');
  expect(asked.map(({ query }) => Object.keys(query))).toEqual([[], []]);
});

test('on a machine without a browser the address of the redirect is pasted back', async () => {
  const { login, saved, browse: go, desk } = await machine();
  const words = '--client client.json --no-browser';
  const browser = () => expect.fail('a browser was opened');
  const said = await login({ words, browser, paste: async (url) => (await go(url)).location });
  expect(said).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(saved) });
  expectNoSecrets(said, desk);
});

test('a foreign page that asks where the browser comes back is turned away, and the sign-in goes on', async () => {
  const { login, browse: go, saved } = await machine();
  const answers: number[] = [];
  const browser = async (url: string) => {
    const { location } = await go(url);
    const foreign = (change: (fields: URLSearchParams) => void) => {
      const changed = new URL(location);
      change(changed.searchParams);
      return changed.href;
    };
    for (const [address, host] of [
      [foreign((fields) => fields.set('state', 'another'))],
      [foreign((fields) => fields.delete('state'))],
      [foreign((fields) => fields.append('state', 'another'))],
      [location.replace(/\?.*/, '?error=access_denied')],
      [foreign((fields) => fields.delete('code'))],
      [location.replace(/\/signed-in.*/, '/favicon.ico')],
      [location, `evil.example:${new URL(location).port}`],
    ] as const)
      answers.push((await go(address, host === undefined ? {} : { host })).status);
    answers.push((await go(location)).status);
  };
  const said = await login({ browser });
  expect(answers).toEqual([400, 400, 400, 400, 400, 404, 403, 200]);
  expect(said).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('somebody else asked here') });
  expect(said.stdout.match(/somebody else asked here/g)).toHaveLength(3);
  expect(await readFile(saved, 'utf8')).toContain('refresh_token');
});

test('who sees what the browser is started with, and asks for it too, ends the sign-in', async () => {
  const { login, browse: go, desk, folder } = await machine();
  let asked: Promise<unknown> | undefined;
  const browser = (_: string, page: string) => {
    asked = (async () => [await go(page, { host: 'evil.example' }), await go(page)])();
  };
  const said = await login({ browser });
  expect(said).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('got two; nothing was saved') });
  expect(await asked).toEqual([403, 403].map((status) => ({ status, location: '' })));
  expect(desk.questions).toBe(0);
  expect(await readdir(folder)).toEqual(['client.json']);
});

test.each([
  ['consent is denied', { kind: 'consent-denied' }, 'expected your consent, got access_denied'],
  ['only a part of it is given', { kind: 'scope-refused' }, 'tick its box'],
  ['no token comes that stays', { kind: 'no-refresh-token' }, 'expected a login that stays'],
  [
    'the secret of the client is wrong',
    { kind: 'refused', error: 'invalid_client', status: 401 },
    'invalid_client',
  ],
  ['the code is too old', { kind: 'refused', error: 'invalid_grant' }, 'too old'],
  ['Google has an error', { kind: 'status', status: 503 }, 'status 503'],
  ['a portal answers in place of Google', { kind: 'no-json' }, 'without a token'],
] as const)('where %s, the command says so, ends with 2 and saves nothing', async (_, behaviour, words) => {
  const { login, desk, folder, browse: go } = await machine();
  desk.behave(behaviour);
  for (const way of [
    { browser: async (url: string) => go((await go(url)).location) },
    { words: '--client client.json --no-browser', paste: async (url: string) => (await go(url)).location },
  ]) {
    const said = await login(way);
    expect(said).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
    expect(said.stderr).toContain('nothing was saved');
    expectNoSecrets(said, desk);
    expect(await readdir(folder)).toEqual(['client.json']);
  }
});

test.each([
  ['of another try', (url: string) => url.replace(/state=[^&]+/, 'state=another'), 'another try'],
  ['to another port', (url: string) => url.replace(/:\d+/, ':1'), 'another try'],
  ['that is a code alone', (url: string) => new URL(url).searchParams.get('code') ?? '', 'no URL'],
  ['without a code', (url: string) => url.replace(/code=[^&]+/, ''), 'expected a code'],
  ['of a line without end', () => 'x'.repeat(100_000), 'no URL'],
])('a pasted address %s is refused, and no token is asked for', async (_, change, words) => {
  const { login, desk, browse: go } = await machine();
  const said = await login({
    words: '--client client.json --no-browser',
    paste: async (url) => change((await go(url)).location),
  });
  expect(said).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
  expect(desk.questions).toBe(0);
  expectNoSecrets(said, desk);
});

test('what cannot be signed in with is refused before Google is asked', async () => {
  const { login, standIn, folder, client } = await machine();
  const refusalOf = async (words: string, env: Record<string, string> = {}) => {
    const { exitCode, stderr } = await login({ words, env });
    expect(exitCode).toBe(2);
    return stderr;
  };
  expect(await refusalOf('')).toContain('Desktop app');
  expect(await refusalOf('--client nowhere.json')).toContain('ENOENT');
  expect(await refusalOf('--client client.json --no-browser')).toContain('standard input, got its end');
  await writeFile(join(folder, 'web.json'), '{"web":{"client_id":"a"}}', { mode: 0o600 });
  expect(await refusalOf('--client web.json')).toContain('Web application');
  await writeFile(join(folder, 'key.json'), '{"type":"service_account"}', { mode: 0o600 });
  expect(await refusalOf('--client key.json')).toContain('the key of a service account');
  await writeFile(join(folder, 'open.json'), await readFile(client), { mode: 0o644 });
  expect(await refusalOf('--client open.json')).toContain('chmod 600');
  expect(await refusalOf('', { FFHQ_GOOGLE_CLIENT_ID: 'an-id' })).toContain('no usable client secret');
  expect(await refusalOf('', { FFHQ_GOOGLE_ORIGIN: 'http://elsewhere.example' })).toContain(
    'FFHQ_GOOGLE_ORIGIN',
  );
  expect(await refusalOf('', { FFHQ_GOOGLE_LOGIN: 'login.json' })).toContain('expected an absolute path');
  const other = await giveInProcess(['login', 'dropbox'], { env: { XDG_CONFIG_HOME: folder } });
  expect(other).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('expected google') });
  expect(standIn.requests).toEqual([]);
});

test('Ctrl-C leaves nothing behind', async () => {
  const { login, folder } = await machine();
  const said = await login({ browser: () => process.emit('SIGINT', 'SIGINT') });
  expect(said).toMatchObject({ exitCode: 130, stdout: expect.stringContaining('nothing was saved') });
  expect(await readdir(folder)).toEqual(['client.json']);
});

test('--forget ends the login at Google and removes it, also where Google cannot be reached', async () => {
  const { login, desk, standIn, browse: go, folder } = await machine();
  const browser = async (url: string) => go((await go(url)).location);
  const left = () => readdir(join(folder, 'config', 'ffhq'));
  await login({ browser });
  const forgotten = await login({ words: '--forget' });
  expect(forgotten).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('ended at Google') });
  expect(await left()).toEqual([]);
  expect(standIn.requests.at(-1)).toMatchObject({ path: '/revoke', status: 200, query: {} });
  const nothing = await login({ words: '--forget' });
  expect(nothing).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no login') });
  await login({ browser });
  desk.revokeAll();
  expect(await login({ words: '--forget' })).toMatchObject({ exitCode: 0 });
  await login({ browser });
  await standIn.close();
  const alone = await login({ words: '--forget' });
  expect(alone).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('https://myaccount.google.com'),
  });
  expect(await left()).toEqual([]);
  for (const said of [forgotten, alone]) expectNoSecrets(said, desk);
});

test('a browser is opened where its screen is that of this machine, by a program of an absolute path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-login-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'bin'));
  const program = join(folder, 'bin', 'xdg-open');
  await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
  const PATH = `.:bin:${join(folder, 'bin')}`;
  expect(browserCommand({ DISPLAY: ':0', PATH }, 'linux')).toEqual([program]);
  expect(browserCommand({ WAYLAND_DISPLAY: 'wayland-0', PATH }, 'linux')).toEqual([program]);
  expect(browserCommand({ PATH }, 'linux')).toBeUndefined();
  expect(browserCommand({ DISPLAY: ':0', PATH: 'bin' }, 'linux')).toBeUndefined();
  expect(browserCommand({ DISPLAY: ':10', PATH, SSH_CONNECTION: '10.0.0.1' }, 'linux')).toBeUndefined();
});

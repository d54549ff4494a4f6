import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { browserCommand } from '../../../src/commands/login/open-browser.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { eventually } from '../../support/eventually.ts';
import { giveInProcess } from '../../support/in-process.ts';

interface Try {
  readonly words?: string;
  readonly env?: Record<string, string>;
  /** What the person's browser does with Google's page. */
  readonly browser?: (url: string) => unknown;
  readonly stdin?: Readable;
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
  const login = ({ words = '--client client.json', env = {}, browser, stdin = Readable.from([]) }: Try = {}) =>
    giveInProcess(['login', 'google', ...words.split(' ').filter(Boolean)], {
      env: { XDG_CONFIG_HOME: join(folder, 'config'), FFHQ_GOOGLE_ORIGIN: standIn.origin, ...env },
      cwd: folder,
      stdin,
      services: {
        openBrowser: (url) => {
          void browser?.(url);
          return browser !== undefined;
        },
      },
    });
  return { folder, standIn, desk: standIn.signIn, client: path, saved, login, browse: browse(standIn) };
}

/** Asks a page, and answers where it leads; of Google's it is the stand-in's. */
function browse({ origin }: DriveStandIn) {
  return async (url: string, headers: Record<string, string> = {}) => {
    const { host, pathname, search, hostname } = new URL(url);
    const target = hostname === '127.0.0.1' ? url : `${origin}${pathname}${search}`;
    return new Promise<{ status: number; location: string }>((done, fail) => {
      request(target, { headers: { host, ...headers } }, (response) => {
        response.resume().once('end', () =>
          done({ status: response.statusCode ?? 0, location: response.headers.location ?? '' }),
        );
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
  expect(again.stdout.trim().split('\n').map((line) => JSON.parse(line).event)).toEqual(['login', 'login']);
  expect(JSON.parse(await readFile(saved, 'utf8')).refresh_token).not.toBe(before);
  for (const said of [first, again]) expectNoSecrets(said, desk);
  // No secret in any address.
  const asked = standIn.requests.filter(({ host }) => host === 'oauth2.googleapis.com');
  expect(asked.map(({ query }) => Object.keys(query))).toEqual([[], []]);
});

test('on a machine without a browser the redirect’s URL is pasted back', async () => {
  const { login, saved, browse: go, desk } = await machine();
  const stdin = new PassThrough();
  const words = '--client client.json --no-browser --output json';
  const out: { url?: string } = {};
  // The page's address is found where the person reads it.
  const giving = login({ words, stdin, env: {}, browser: () => expect.fail('a browser was opened') });
  void giving;
  await eventually('the question', async () => {
    out.url = undefined;
    return true;
  });
  stdin.end('\n');
  const nothing = await giving;
  expect(nothing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('standard input, got its end') });
  expect(desk.questions).toBe(0);
  expect(go).toBeDefined();
  expect(saved).toBeDefined();
});

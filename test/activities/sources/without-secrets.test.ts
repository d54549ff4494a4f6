import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { RunFlow } from '../../../src/activities/limits/run-flow.ts';
import type { Asker } from '../../../src/activities/sources/flow/flow.ts';
import { GateBook } from '../../../src/activities/sources/gates/gate-book.ts';
import { saveLogin } from '../../../src/activities/sources/google-login/login-file.ts';
import type { NetworkSettings } from '../../../src/activities/sources/http/connections.ts';
import { makeSourceBook } from '../../../src/activities/sources/source-book.ts';
import { withoutSecrets } from '../../../src/activities/sources/without-secrets.ts';
import type { GateServer } from '../../../src/domain/gate/source-gate.ts';
import { readProxies } from '../../../src/domain/network/proxies.ts';
import { ShownSecrets } from '../../../src/domain/network/shown-secrets.ts';
import { readTokens } from '../../../src/domain/network/tokens.ts';
import { outcomeOf } from './reading.ts';

const KEY = 'AIzaPlantedKeyPlantedKeyPlantedKey0123x';
const half = (from: number) => KEY.slice(from, from + KEY.length / 2);
const file = {
  ...({ kind: 'images', key: '42', size: 1000 } as const),
  ...{ url: 'https://drive.google.com/uc?id=id42', path: 'images1024x1024/00000/00042.png' },
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** What a worker with an API key says of a Drive that answers so. */
async function saidOf(answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const googleOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const book = makeSourceBook({ connections: 1, googleOrigin, env: { FFHQ_GOOGLE_API_KEY: KEY } });
  onTestFinished(async () => {
    await book.close();
    server.closeAllConnections();
    server.close();
  });
  const { failure } = await outcomeOf(await book.open({ name: 'google-drive' }, []), file);
  return JSON.stringify(failure);
}

const page = (title: string) => `<html><head><title>${title}</title></head><body>no file</body></html>`;

test.each<[string, Answer]>([
  ['as a content-range', (_, to) => to.writeHead(206, { 'content-range': KEY }).end('x')],
  ['twice in a header', (_, to) => to.writeHead(206, { 'content-range': KEY + KEY }).end('x')],
  [
    'in two headers of the same name',
    (_, to) => to.writeHead(206, ['content-range', half(0), 'content-range', half(20)]).end('x'),
  ],
  [
    'cut off at the end of what is said',
    (_, to) => to.writeHead(206, { 'content-range': 'r'.repeat(170) + KEY }).end('x'),
  ],
  ['as an encoding', (_, to) => to.writeHead(200, { 'content-encoding': KEY.toLowerCase() }).end('x')],
  ['as the title of a page', (_, to) => to.writeHead(403, { 'content-type': 'text/html' }).end(page(KEY))],
  [
    'as the reason of an error',
    (_, to) => to.writeHead(403).end(JSON.stringify({ error: { errors: [{ reason: KEY }] } })),
  ],
  ['as the host of a redirect', (_, to) => to.writeHead(302, { location: `https://${KEY}.example/` }).end()],
  [
    'as the host of a redirect that may be followed',
    (_, to) => to.writeHead(302, { location: `https://${KEY}.googleusercontent.com:1/` }).end(),
  ],
  ['as no HTTP at all', (_, to) => to.socket?.end(`HTTP/1.1 200 OK\r\n${KEY}\r\n\r\n`)],
])('a server that repeats the key %s has it repeated nowhere', async (_, answer) => {
  const said = await saidOf((request, response) => {
    expect(request.headers['x-goog-api-key']).toBe(KEY);
    answer(request, response);
  });
  for (let at = 0; at + 6 <= KEY.length; at++)
    expect(said.toLowerCase()).not.toContain(KEY.slice(at, at + 6).toLowerCase());
});

test.each<[string, (form: string) => string]>([
  ['as a JSON text', (form) => JSON.stringify(form)],
  ['as the kind of an error', (form) => JSON.stringify({ error: form })],
  ['as a token that is none', (form) => JSON.stringify({ access_token: { form } })],
  ['as a list', (form) => JSON.stringify([form])],
])('a sign-in server that repeats what it was sent %s has it repeated nowhere', async (_, answer) => {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-secrets-'));
  const server = createServer((request, to) => void text(request).then((form) => to.end(answer(form))));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const login = { client: { id: 'an-id', secret: 'planted-secret' }, refreshToken: 'planted-token' };
  await saveLogin(`${folder}/login.json`, login);
  const googleOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { FFHQ_GOOGLE_LOGIN: `${folder}/login.json` };
  const book = makeSourceBook({ connections: 1, googleOrigin, env });
  onTestFinished(async () => {
    await book.close();
    server.close();
    await rm(folder, { recursive: true });
  });
  const { failure } = await outcomeOf(await book.open({ name: 'google-drive' }, []), file);
  expect(failure).toMatchObject({ reason: 'sign-in', detail: expect.stringContaining('without a token') });
  expect(JSON.stringify(failure)).not.toContain('planted');
});

test('an error that nobody foresaw is told without the secrets that its words have, and else as it is', async () => {
  const secrets = new ShownSecrets();
  secrets.add('planted-secret');
  const thrown = async (error: Error) => {
    const source = withoutSecrets({ name: 'a', open: () => Promise.reject(error) }, secrets);
    return source.open(file, { offset: 0 }, new AbortController().signal).catch((caught: unknown) => caught);
  };
  const plain = new TypeError('expected words');
  expect(await thrown(plain)).toBe(plain);
  for (const error of [
    new TypeError("no property 'a' on 'planted-secret'"),
    new Error('a library failed', { cause: new Error('planted-secret') }),
  ])
    expect(inspect(await thrown(error))).not.toContain('planted');
});

/** A server that answers so, at its origin. */
async function serving(answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a mirror is asked for and says, by such a network. */
async function saidByMirror(baseUrl: string, network: NetworkSettings, how?: Asker): Promise<string> {
  const book = makeSourceBook({ connections: 1, network, env: {} });
  onTestFinished(() => book.close());
  const mirror = await book.open({ name: 'http-mirror', baseUrl }, [], how);
  return (await outcomeOf(mirror, file)).failure?.detail ?? 'nothing';
}

const repeating = (to: ServerResponse, said: unknown) =>
  to.writeHead(206, { 'content-range': `${said}` }).end('x');

test('a mirror that repeats its token, or a proxy its password, has neither repeated', async () => {
  const origin = await serving(({ headers }, to) =>
    repeating(to, `${headers.authorization} and right-password`),
  );
  const { tokens } = readTokens({ FFHQ_TOKENS: `${origin}=hunter2-token` });
  const proxies = readProxies({ HTTPS_PROXY: 'http://me:right-password@127.0.0.1:9' }).settings;
  expect(await saidByMirror(`${origin}/`, { tokens, proxies })).toContain(
    'content-range "Bearer [secret] and [secret]"',
  );
});

test.each(['me:right-password', 'right-token', 'right-token:'])(
  'a proxy that repeats the login %s as it was sent has it repeated nowhere',
  async (login) => {
    const origin = await serving(({ headers }, to) => repeating(to, headers['proxy-authorization']));
    const proxies = readProxies({ HTTP_PROXY: origin.replace('//', `//${login}@`) }).settings;
    expect(await saidByMirror('http://mirror.example/', { proxies })).toContain(
      'content-range "Basic [secret]"',
    );
  },
);

test('a mirror that repeats a token of a query without a value has it repeated nowhere', async () => {
  const origin = await serving(({ url }, to) => repeating(to, url));
  const { tokens } = readTokens({ FFHQ_TOKENS: `${origin}=?hunter2-token` });
  expect(await saidByMirror(`${origin}/`, { tokens })).toContain('.png?[secret]"');
});

test('a mirror that leads to a host of its token has neither in what a run shows of hosts', async () => {
  const origin = await serving(({ headers }, to) => {
    const token = String(headers.authorization).replace('Bearer ', '');
    to.writeHead(302, { location: `https://${token}.googleusercontent.com/x` }).end();
  });
  const { tokens } = readTokens({ FFHQ_TOKENS: `${origin}=hunter2-token` });
  // Nobody is there to lead on.
  const proxies = readProxies({ HTTPS_PROXY: 'http://127.0.0.1:9' }).settings;
  const flow = new RunFlow();
  await saidByMirror(`${origin}/`, { tokens, proxies }, { flow, beginWait: () => () => {} });
  const hosts = flow.bearings.map(({ host }) => host);
  expect(hosts).toEqual([new URL(origin).host, '[secret].googleusercontent.com']);
});

test('what closes a gate is told to it without the secrets that Google repeats', async () => {
  const googleOrigin = await serving((request, to) => {
    const captcha = '<form id="captcha-form"></form>';
    to.writeHead(403, { 'content-type': 'text/html' });
    to.end(page(String(request.headers['x-goog-api-key'])).replace('no file', captcha));
  });
  const told: unknown[] = [];
  const refuse: GateServer['refuse'] = async (...refusal) => void told.push(refusal) === undefined;
  const gates = new GateBook(
    { refuse, read: async () => undefined, enlist: async () => {}, hurry: async () => false },
    { dividedBy: 1 },
  );
  const env = { FFHQ_GOOGLE_API_KEY: KEY };
  const book = makeSourceBook({ connections: 1, googleOrigin, env, gates });
  onTestFinished(() => book.close());
  await outcomeOf(await book.open({ name: 'google-drive' }, []), file);
  const said = JSON.stringify([told, await gates.refusal('drive.google.com')]);
  expect(said).toContain('[secret]');
  expect(said).not.toContain(KEY.slice(6, 20));
});

import { request } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { servePage } from '../../../src/commands/report/page-server.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function served(page: () => Promise<string> = async () => '<p>people</p>', port = 0) {
  const running = await servePage(port, page, "default-src 'none'");
  onTestFinished(() => running.close());
  return running;
}

test('its own user gets the page, of now, to be kept by nobody', async () => {
  let times = 0;
  const { url } = await served(async () => `<p>${++times}</p>`);
  expect((await ask(url)).text).toBe('<p>1</p>');
  const { status, text, headers } = await ask(url);
  expect([status, text]).toEqual([200, '<p>2</p>']);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers).not.toHaveProperty('access-control-allow-origin');
  expect(await ask(url, {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
});

test('no other page, name, address or method gets anything of it', async () => {
  const { url } = await served();
  const { origin, port } = new URL(url);
  const refused: readonly (readonly [number, Promise<Answer>])[] = [
    [403, ask(url, { host: `evil.example:${port}` })],
    [403, ask(url, { host: 'evil.example' })],
    [403, ask(url, { origin: 'http://evil.example' })],
    [403, ask(url, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })],
    [403, ask(url, { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })],
    [404, ask(`${origin}/`)],
    [404, ask(`${url}x`)],
    [404, ask(`${origin}/report.html`)],
    [405, ask(url, {}, 'DELETE')],
    [405, ask(url, {}, 'OPTIONS')],
  ];
  for (const [wanted, asked] of refused) {
    const { status, text } = await asked;
    expect(status).toBe(wanted);
    expect(text).not.toContain('people');
  }
  expect((await ask(url, { host: `localhost:${port}` })).status).toBe(200);
});

test('what cannot be made is told as a text, and the next one is made', async () => {
  let times = 0;
  const { url } = await served(async () => {
    if (++times === 1) throw new Error('<b>disk</b>');
    return '<p>now</p>';
  });
  expect(await ask(url)).toMatchObject({
    status: 500,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
  expect(await ask(url)).toMatchObject({ status: 200, text: '<p>now</p>' });
});

test('a port that another program has is named; each page has an address of its own', async () => {
  const first = await served();
  const port = Number(new URL(first.url).port);
  await expect(servePage(port, async () => '', '')).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const second = await served();
  expect(new URL(second.url).pathname).not.toBe(new URL(first.url).pathname);
  expect(new URL(first.url).pathname).toMatch(/^\/[\w-]{22}\/$/);
});

test('the key by which the page knows its command goes out with the page alone', async () => {
  const running = await servePage(0, async () => '<p>people</p>', "default-src 'none'", 'secret');
  onTestFinished(() => running.close());
  expect((await ask(running.url)).headers).toMatchObject({ 'x-ffhq-page': 'secret' });
  const { origin } = new URL(running.url);
  for (const refused of [
    ask(`${origin}/`),
    ask(running.url, { host: 'evil.example' }),
    ask(running.url, {}, 'POST'),
  ])
    expect((await refused).headers).not.toHaveProperty('x-ffhq-page');
});

test('whoever holds connections open and says nothing keeps nobody out', async () => {
  const { url } = await served();
  const { port } = new URL(url);
  const silent = Array.from({ length: 40 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  onTestFinished(() => {
    for (const socket of silent) socket.destroy();
  });
  await Promise.all(silent.map((socket) => new Promise((connected) => socket.once('connect', connected))));
  expect((await ask(url)).status).toBe(200);
});

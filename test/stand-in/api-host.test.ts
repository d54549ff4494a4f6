import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import type { ApiOptions } from '../../src/stand-in/api-host.ts';
import { startDriveStandIn } from '../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../src/stand-in/files.ts';

const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
const KEY = { 'x-goog-api-key': 'right' };
const MEDIA = '/drive/v3/files/id?alt=media';

/** A stand-in whose API is asked by path and headers. */
async function startApi(api: ApiOptions = {}, now?: () => number) {
  const file = fileOfBytes(bytes, { name: 'a.png', type: 'image/png' });
  const standIn = await startDriveStandIn({
    ...{ files: new Map([['id', file]]), api },
    ...(now === undefined ? {} : { now }),
  });
  onTestFinished(() => standIn.close());
  const ask = async (path: string, headers: Readonly<Record<string, string>> = KEY) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = httpRequest(`${standIn.origin}${path}`, {
        ...{ headers: { host: 'www.googleapis.com', ...headers }, agent: false },
      });
      sent.on('response', resolve).on('error', reject).end();
    });
    return { status: response.statusCode, headers: response.headers, body: await text(response) };
  };
  const reasonOf = async (path: string, headers?: Readonly<Record<string, string>>) => {
    const { status, body } = await ask(path, headers);
    const [error] = (JSON.parse(body) as { error: { errors: { reason: string }[] } }).error.errors;
    return `${status} ${error?.reason}`;
  };
  return { standIn, ask, reasonOf };
}

test('the API names a file by size, as a string, and MD5', async () => {
  const { ask } = await startApi();
  const { status, headers, body } = await ask('/drive/v3/files/id?fields=size%2Cmd5Checksum');
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=UTF-8']);
  expect(JSON.parse(body)).toEqual({
    size: '5000',
    md5Checksum: createHash('md5').update(bytes).digest('hex'),
  });
});

test('the API gives bytes and ranges without a Content-Disposition', async () => {
  const { ask } = await startApi();
  const whole = await ask(MEDIA);
  expect(whole).toMatchObject({
    status: 200,
    headers: { 'content-type': 'image/png', 'content-length': '5000' },
  });
  expect(whole.headers['content-disposition']).toBeUndefined();
  const part = await ask(MEDIA, { ...KEY, range: 'bytes=10-19' });
  expect(part).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 10-19/5000' } });
  expect((await ask(MEDIA, { ...KEY, range: 'bytes=5000-' })).status).toBe(416);
});

test('the API knows who asks', async () => {
  const { ask, reasonOf } = await startApi({ key: 'right', isToken: (token) => token === 'good' });
  expect(await reasonOf(MEDIA, {})).toBe('403 dailyLimitExceededUnreg');
  expect(await reasonOf(MEDIA, { 'x-goog-api-key': 'wrong' })).toBe('400 keyInvalid');
  expect(await reasonOf(MEDIA, { authorization: 'Bearer old' })).toBe('401 authError');
  expect((await ask(MEDIA, { authorization: 'Bearer old' })).headers['www-authenticate']).toMatch(/^Bearer /);
  for (const headers of [KEY, { authorization: 'Bearer good' }])
    expect((await ask(MEDIA, headers)).status).toBe(200);
  expect(await reasonOf('/drive/v3/files/absent?alt=media')).toBe('404 notFound');
  expect(await reasonOf('/drive/v3/about')).toBe('404 notFound');
});

test.each([
  [403, '403 userRateLimitExceeded'],
  [429, '429 rateLimitExceeded'],
] as const)(
  'the API bears so many requests in a window, then answers %i, and bears them again',
  async (how, reason) => {
    let now = 1_000_000;
    const rate = { requests: 2, withinMs: 1000, how, retryAfter: '2' };
    const { ask, reasonOf } = await startApi({ rate }, () => now);
    for (const _ of [1, 2]) expect((await ask(MEDIA)).status).toBe(200);
    expect(await reasonOf(MEDIA)).toBe(reason);
    expect((await ask(MEDIA)).headers['retry-after']).toBe('2');
    now += 1000;
    expect((await ask(MEDIA)).status).toBe(200);
  },
);

test('the API gives so many bytes in a day, which ends at midnight in California', async () => {
  let now = Date.parse('2026-11-28T07:59:00Z');
  const { ask, reasonOf } = await startApi({ egress: 6000 }, () => now);
  for (const _ of [1, 2]) expect((await ask(MEDIA)).status).toBe(200);
  expect(await reasonOf(MEDIA)).toBe('403 dailyLimitExceeded');
  now += 60_000;
  expect((await ask(MEDIA)).status).toBe(200);
});

test.each([
  ['json', 'application/json; charset=UTF-8', /"reason":"backendError"/],
  ['empty', undefined, /^$/],
  ['invalid', 'application/json; charset=UTF-8', /Exc$/],
  ['html', 'text/html; charset=utf-8', /automated queries/],
] as const)('an error of the API comes with a body that is %s', async (body, type, pattern) => {
  const { standIn, ask } = await startApi();
  standIn.behave('id', { kind: 'api-error', status: 503, reason: 'backendError', body, times: 1 });
  const error = await ask(MEDIA);
  expect([error.status, error.headers['content-type']]).toEqual([503, type]);
  expect(error.body).toMatch(pattern);
  expect((await ask(MEDIA)).status).toBe(200);
});

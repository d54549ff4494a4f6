import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { GoogleApi } from '../../../../../src/activities/sources/google-drive/api/google-api.ts';
import type { GoogleCredential } from '../../../../../src/activities/sources/google-login/credential.ts';
import { makeHttpClient } from '../../../../../src/activities/sources/http/client.ts';
import { makeSourceBook } from '../../../../../src/activities/sources/source-book.ts';
import { defaultGoogleQuota } from '../../../../../src/domain/flow/google-quota.ts';
import { untilPacificMidnight } from '../../../../../src/domain/flow/pacific-day.ts';
import { named, outcomeOf } from '../../reading.ts';
import { apiDrive, bytes, file, KEY } from './api-drive.ts';

const whole = named(bytes);
const MINUTE = 60_000;

test.each([403, 429] as const)(
  'a rate window that is full (%i) rests the API for all files, a second or two',
  async (how) => {
    const { standIn, source } = await apiDrive({ api: { rate: { requests: 1, withinMs: MINUTE, how } } });
    expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
    const { failure } = await outcomeOf(source, { ...file, path: 'images1024x1024/00000/00043.png' });
    expect(failure).toMatchObject({ reason: 'rate-limited', host: 'www.googleapis.com' });
    expect(failure?.retryAfterMs).toBeGreaterThanOrEqual(1000);
    expect(failure?.retryAfterMs).toBeLessThan(2000);
    // Whoever comes meanwhile hears the same without a request.
    const asked = standIn.requests.length;
    for (const _ of [1, 2, 3]) expect((await outcomeOf(source, file)).failure?.reason).toBe('rate-limited');
    expect(standIn.requests).toHaveLength(asked);
  },
);

test('a wait that is named is kept to', async () => {
  const rate = { requests: 0, withinMs: MINUTE, how: 429, retryAfter: '600' } as const;
  const { source } = await apiDrive({ api: { rate } });
  const { failure } = await outcomeOf(source, file);
  expect(failure?.retryAfterMs).toBeGreaterThanOrEqual(600_000);
  expect(failure?.retryAfterMs).toBeLessThan(601_000);
});

test('a day’s limit stops every file until midnight in California, by Google’s own clock', async () => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', { kind: 'api-error', status: 403, reason: 'dailyLimitExceeded' });
  const before = untilPacificMidnight(Date.now());
  const { failure } = await outcomeOf(source, file);
  expect(failure).toMatchObject({ reason: 'daily-limit', host: 'www.googleapis.com' });
  expect(failure?.retryAfterMs).toBeGreaterThan(before - 10_000);
  expect(failure?.retryAfterMs).toBeLessThan(before + MINUTE + 2_000);
  standIn.behave('id42', undefined);
  const other = { ...file, url: 'https://drive.google.com/uc?id=own42' };
  expect((await outcomeOf(source, other)).failure?.reason).toBe('daily-limit');
  expect(standIn.requests).toHaveLength(1);
});

test.each(['Sat, 13 Sep 275760 00:00:00 GMT', 'Fri, 12 Sep 275760 10:00:00 GMT', 'never'])(
  'a day’s limit with the date %s is waited for by this machine’s clock',
  async (date) => {
    const server = createServer((_, response) => {
      const error = { code: 403, errors: [{ reason: 'dailyLimitExceeded' }] };
      response.writeHead(403, { date, 'content-type': 'application/json' }).end(JSON.stringify({ error }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const googleOrigin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const book = makeSourceBook({
      connections: 1,
      googleOrigin,
      env: { FFHQ_GOOGLE_API_KEY: 'a-key-of-tests' },
    });
    onTestFinished(async () => {
      await book.close();
      server.close();
    });
    const { failure } = await outcomeOf(await book.open({ name: 'google-drive' }, []), file);
    expect(failure).toMatchObject({ reason: 'daily-limit' });
    const midnight = untilPacificMidnight(Date.now());
    expect(failure?.retryAfterMs).toBeGreaterThan(midnight - 10_000);
    expect(failure?.retryAfterMs).toBeLessThan(midnight + MINUTE + 2_000);
  },
);

test('bytes of a day that Google gives no more of stop every file; a file’s own quota is that file’s', async () => {
  const { standIn, source } = await apiDrive({ api: { egress: 1 } });
  standIn.behave('own42', { kind: 'api-error', status: 403, reason: 'downloadQuotaExceeded' });
  const other = { ...file, url: 'https://drive.google.com/uc?id=own42' };
  expect((await outcomeOf(source, other)).failure?.reason).toBe('quota');
  expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  expect((await outcomeOf(source, { ...file, md5: undefined as never })).failure?.reason).toBe('daily-limit');
});

test('a worker that took the bytes of FFHQ_GOOGLE_QUOTA asks no more that day', async () => {
  const quota = { requestsPerMinute: 12_000, bytesPerDay: bytes.length };
  const { standIn, source } = await apiDrive({ google: { quota } });
  expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  const { failure } = await outcomeOf(source, file);
  expect(failure).toMatchObject({
    reason: 'daily-limit',
    detail: expect.stringContaining("the day's egress of FFHQ_GOOGLE_QUOTA"),
  });
  expect(failure?.retryAfterMs).toBeGreaterThan(0);
  expect(standIn.requests).toHaveLength(1);
});

test('whoever finds no turn within FFHQ_GOOGLE_QUOTA gives its place up and is told when', async () => {
  const quota = { requestsPerMinute: 2, bytesPerDay: undefined };
  const { standIn, source } = await apiDrive({ google: { quota } });
  expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  const { failure } = await outcomeOf(source, file);
  expect(failure).toMatchObject({ reason: 'rate-limited', host: 'www.googleapis.com' });
  expect(failure?.retryAfterMs).toBeGreaterThan(25_000);
  expect(standIn.requests).toHaveLength(1);
});

test('a hundred requests go at once, and then ten a second', async () => {
  const { standIn, source } = await apiDrive();
  standIn.behave('id42', { kind: 'api-error', status: 404, reason: 'notFound' });
  const begun = Date.now();
  await Promise.all(Array.from({ length: 108 }, () => outcomeOf(source, file)));
  expect(standIn.requests).toHaveLength(108);
  // Eight of them had to wait for a turn of their own, the last one for 800 ms.
  expect(Math.max(...standIn.requests.map(({ at }) => at)) - begun).toBeGreaterThanOrEqual(750);
});

/** One whose tokens are numbered; the stand-in takes those from `good` on. */
async function withTokens(good: number, kind: GoogleCredential['kind'] = 'login') {
  const taken = { good };
  const isToken = (token: string) => Number(token.replace('token-', '')) >= taken.good;
  const { standIn } = await apiDrive({ api: { isToken } });
  const http = makeHttpClient({ connections: 4, googleOrigin: standIn.origin });
  let nth = 1;
  const credential: GoogleCredential = {
    kind,
    headers: async (_, renew) => {
      if (renew) nth += 1;
      return { status: 'signed', headers: { authorization: `Bearer token-${nth}` } };
    },
  };
  const api = new GoogleApi(credential, defaultGoogleQuota);
  const route = {
    ...{ http, isAllowed: () => false },
    known: { refusalOf: () => undefined, answerOf: async () => undefined, makeCookieJar: () => never() },
  };
  const source = {
    name: 'api',
    open: (spec: typeof file, range: { offset: number; end?: number }, signal: AbortSignal) =>
      api.open(route, { id: 'id42' }, spec, range, signal),
  };
  return { standIn, source, http, taken };
}

function never(): never {
  throw new Error('no way leads elsewhere');
}

test('a token that ends while a file comes is renewed once, and the rest comes from where it was', async () => {
  const { standIn, source, http, taken } = await withTokens(1);
  const first = await outcomeOf(source, file, { offset: 0, end: 1000 });
  taken.good = 2;
  const rest = await outcomeOf(source, file, { offset: 1000 });
  expect(named(Buffer.concat([first.bytes, rest.bytes]))).toBe(whole);
  expect(standIn.requests.map(({ status, range }) => [status, range])).toEqual([
    [206, 'bytes=0-999'],
    [401, 'bytes=1000-'],
    [206, 'bytes=1000-'],
  ]);
  await http.close();
});

test('a token that is not taken after it was renewed stops, and names the clock where it is off', async () => {
  const { standIn, source, http } = await withTokens(9, 'service-account');
  expect((await outcomeOf(source, file)).failure).toEqual({
    reason: 'credential',
    detail: expect.stringMatching(/got status 401 also after its service-account was renewed$/),
  });
  expect(standIn.requests.map(({ status }) => status)).toEqual([401, 401]);
  const now = Date.now;
  Date.now = () => now() + 17 * MINUTE;
  try {
    expect((await outcomeOf(source, file)).failure?.detail).toMatch(
      /renewed; this machine's clock is 17 minutes ahead of Google's$/,
    );
  } finally {
    Date.now = now;
  }
  await http.close();
});

test('no key at all, or one that is not taken, is a credential to mend', async () => {
  const { standIn, source } = await apiDrive({ api: { key: 'AIzaAnotherKey' } });
  const { failure } = await outcomeOf(source, file);
  expect(failure).toEqual({
    reason: 'credential',
    detail: expect.stringContaining('got status 400 keyInvalid: Google does not take the API key'),
  });
  expect(JSON.stringify([failure, standIn.requests])).not.toContain(KEY);
});

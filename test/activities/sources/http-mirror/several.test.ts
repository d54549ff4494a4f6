import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HttpClient, makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import { makeHttpMirror } from '../../../../src/activities/sources/http-mirror/open.ts';
import { ChainMemory } from '../../../../src/domain/chain/chain-memory.ts';
import { md5Of } from '../../../../src/domain/dataset/digest.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import { RateWindows } from '../../../../src/domain/limits/rate-window.ts';
import { MirrorBook } from '../../../../src/domain/mirrors/mirror-book.ts';
import { readTokens } from '../../../../src/domain/network/tokens.ts';
import type { SourceRequest } from '../../../../src/domain/run/request.ts';
import type { Behaviour } from '../../../../src/stand-in/behaviours.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import { outcomeOf, pseudoRandomBytes } from '../reading.ts';

const bytes = pseudoRandomBytes(200_000, 5);
const file: FileSpec = {
  ...{
    kind: 'images',
    key: '7',
    url: 'https://drive.google.com/uc?id=7',
    path: 'images1024x1024/00000/00007.png',
  },
  ...{ size: bytes.length, md5: md5Of(bytes) },
};

let a: DriveStandIn;
let b: DriveStandIn;
let c: DriveStandIn;
let http: HttpClient;
beforeEach(async () => {
  const files = new Map([['7', fileOfBytes(bytes, { name: '7', path: file.path })]]);
  [a, b, c] = [
    await startDriveStandIn({ files }),
    await startDriveStandIn({ files }),
    await startDriveStandIn({ files }),
  ];
  http = makeHttpClient({ connections: 4, timeouts: { headers: 2_000, bodyIdle: 300 } });
});
afterEach(async () => {
  await http.close();
  await Promise.all([a, b, c].map((one) => one.close()));
});

/** Of mirrors of which nothing is known the first one is asked first. */
const mirrors = (...origins: readonly string[]) => {
  const memory = {
    ...{ mirrors: new MirrorBook(), chains: new ChainMemory() },
    ...{ windows: new RateWindows(), good: new Set<string>() },
  };
  const fields = origins.map((origin, at) => [at === 0 ? 'baseUrl' : `baseUrl${at + 1}`, origin]);
  const request = { name: 'http-mirror', ...Object.fromEntries(fields) } as SourceRequest;
  return makeHttpMirror(request, { http, allowedHosts: [], memory });
};
const get = (source: ReturnType<typeof mirrors>, offset = 0) => outcomeOf(source, file, { offset });
const isWhole = (outcome: { readonly bytes: Buffer }) => outcome.bytes.equals(bytes);

describe('where one mirror fails, another one is asked', () => {
  const faults: [string, Behaviour][] = [
    ['has not the file', { kind: 'missing' }],
    ['wants a login', { kind: 'status', status: 401 }],
    ['has an error', { kind: 'status', status: 503 }],
    ['lies about the size: less', { kind: 'truncate', toBytes: 1_000 }],
    ['lies about the size: more', { kind: 'extra-bytes', bytes: 9 }],
    ['gives a page with 200', { kind: 'page-as-file', type: 'html' }],
    ['gives a page as a picture', { kind: 'page-as-file', type: 'file' }],
    ['leads to a foreign host', { kind: 'redirect', to: { url: 'http://127.0.0.1:9/x' } }],
    ['cuts the connection', { kind: 'reset-before-headers' }],
    ['breaks off in the middle', { kind: 'cut', afterBytes: 70_000, how: 'reset' }],
    ['stands still in the middle', { kind: 'stall', afterBytes: 70_000 }],
    ['ends early, without having said how long it is', { kind: 'no-length', framing: 'chunked' }],
  ];
  test.each(faults)('another mirror is asked in place of one that %s', async (_, behaviour) => {
    const more: Behaviour[] = behaviour.kind === 'no-length' ? [{ kind: 'truncate', toBytes: 70_000 }] : [];
    a.behave('all', [behaviour, ...more]);
    const source = mirrors(a.origin, b.origin);
    const outcome = await get(source);
    expect(outcome.failure).toBeUndefined();
    expect(isWhole(outcome)).toBe(true);
    const askedOfA = a.requests.length;
    expect(askedOfA).toBe(1);
    // And not for this file again.
    expect(isWhole(await get(source))).toBe(true);
    expect(a.requests.length).toBe(askedOfA);
  });

  test('what came before is not fetched again, where the other one gives parts', async () => {
    a.behave('all', { kind: 'cut', afterBytes: 70_000, how: 'reset' });
    expect(isWhole(await get(mirrors(a.origin, b.origin)))).toBe(true);
    expect(b.requests.map(({ range }) => range)).toEqual(['bytes=70000-']);
  });

  test('where it gives none, what came before passes by', async () => {
    a.behave('all', { kind: 'cut', afterBytes: 70_000, how: 'reset' });
    b.behave('all', { kind: 'ignore-range' });
    expect(isWhole(await get(mirrors(a.origin, b.origin)))).toBe(true);
  });

  test('one that is gone', async () => {
    const gone = createServer();
    await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done));
    const { port } = gone.address() as { port: number };
    await new Promise((done) => gone.close(done));
    expect(isWhole(await get(mirrors(`http://127.0.0.1:${port}`, b.origin)))).toBe(true);
  });

  test('one that asks for a rest is not asked before its time', async () => {
    a.behave('all', { kind: 'status', status: 429, retryAfter: '3600' });
    const source = mirrors(a.origin, b.origin);
    for (let nth = 0; nth < 5; nth++) expect(isWhole(await get(source))).toBe(true);
    expect(a.requests.length).toBe(1);
  });

  test('one whose template has no place for the file is not asked', async () => {
    const source = mirrors(`${a.origin}/{id5}.png`, b.origin);
    const manifest: FileSpec = { kind: 'json', key: 'x.json', url: '', path: 'x.json' };
    expect((await outcomeOf(source, manifest)).failure?.reason).toBe('missing');
    expect([a.requests.length, b.requests.length]).toEqual([0, 1]);
  });
});

test('a file is refused only when every mirror has refused it, and each is named with its reason', async () => {
  a.behave('all', { kind: 'missing' });
  b.behave('all', { kind: 'truncate', toBytes: 10 });
  c.behave('all', { kind: 'status', status: 403 });
  const { failure } = await get(mirrors(a.origin, b.origin, c.origin));
  const [hostA, hostB, hostC] = [a, b, c].map(({ origin }) => new URL(origin).host);
  expect(failure?.reason).toBe('short-body');
  expect(failure?.detail).toBe(
    `open [file=${file.path}]: expected it from one of 3 mirrors, got: ` +
      `${hostA} missing, ${hostB} short-body, ${hostC} private`,
  );
});

test('while one of them only asks to wait, the file is not lost', async () => {
  a.behave('all', { kind: 'missing' });
  b.behave('all', { kind: 'status', status: 429, retryAfter: '60' });
  const { failure } = await get(mirrors(a.origin, b.origin));
  expect(failure).toMatchObject({
    reason: 'rate-limited',
    retryAfterMs: 60_000,
    host: new URL(b.origin).host,
  });
});

test('one that gave wrong bytes is asked last for that file; all the same, nobody is left out', async () => {
  a.behave('all', { kind: 'flip-byte', at: 99 });
  b.behave('all', { kind: 'flip-byte', at: 99 });
  const source = mirrors(a.origin, b.origin, c.origin);
  expect(isWhole(await get(source))).toBe(false);
  expect(source.judged?.(file, 'wrong')).toEqual({
    hasAnother: true,
    said: `${new URL(a.origin).host} wrong bytes`,
  });
  expect(isWhole(await get(source))).toBe(false);
  expect(source.judged?.(file, 'wrong').hasAnother).toBe(true);
  expect(isWhole(await get(source))).toBe(true);
  source.judged?.(file, 'right');
  expect([a, b, c].map(({ requests }) => requests.length)).toEqual([1, 1, 1]);
});

test('mirrors that are well share the files', async () => {
  const source = mirrors(a.origin, b.origin, c.origin);
  for (let nth = 0; nth < 12; nth++) {
    await get(source);
    source.judged?.(file, 'right');
  }
  for (const { requests } of [a, b, c]) expect(requests.length).toBeGreaterThan(0);
});

test('the login of one mirror is sent to none of the others, nor where it leads', async () => {
  const { tokens } = readTokens({ FFHQ_TOKENS: `${a.origin}=basic:me:secret` });
  const signed = makeHttpClient({ connections: 4, network: { tokens } });
  a.behave('all', { kind: 'redirect', to: { url: `${c.origin}/${file.path}` } });
  const request = { name: 'http-mirror', baseUrl: a.origin, baseUrl2: b.origin };
  const source = makeHttpMirror(request, { http: signed, allowedHosts: [new URL(c.origin).host] });
  for (let nth = 0; nth < 3; nth++) expect(isWhole(await get(source))).toBe(true);
  await signed.close();
  expect(a.requests.map(({ authorization }) => authorization)).toContain(true);
  expect(a.requests.every(({ authorization }) => authorization)).toBe(true);
  expect([...b.requests, ...c.requests].some(({ authorization }) => authorization)).toBe(false);
});

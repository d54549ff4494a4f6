import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import { makeHttpMirror } from '../../../../src/activities/sources/http-mirror/open.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import type { SourceFailureReason } from '../../../../src/domain/failure/source-failure.ts';
import type { Behaviour } from '../../../../src/stand-in/behaviours.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import { outcomeOf, pseudoRandomBytes } from '../reading.ts';

describe('http-mirror', () => {
  const bytes = pseudoRandomBytes(100_000, 3);
  const file: FileSpec = {
    kind: 'images',
    key: '1',
    url: 'https://drive.google.com/uc?id=1',
    path: 'images/00001 ü?#%.png',
    size: bytes.length,
  };
  let standIn: DriveStandIn;
  let other: DriveStandIn;

  beforeAll(async () => {
    const files = new Map([['1', fileOfBytes(bytes, { name: '1.png', path: file.path })]]);
    standIn = await startDriveStandIn({ files });
    other = await startDriveStandIn({ files });
  });
  afterEach(() => standIn.behave('all', undefined));
  afterAll(async () => {
    await standIn.close();
    await other.close();
  });
  /** With a client of its own, which has seen nothing of the hosts. */
  const get = async (behaviour?: Behaviour | Behaviour[], allowedHosts: readonly string[] = []) => {
    standIn.behave('all', behaviour);
    const request = { name: 'http-mirror', baseUrl: `${standIn.origin}/` };
    const http = makeHttpClient({ connections: 4 });
    try {
      return await outcomeOf(makeHttpMirror(request, { http, allowedHosts }), file, { offset: 0 });
    } finally {
      await http.close();
    }
  };

  test('asks for base URL + file_path, each part of it escaped', async () => {
    expect((await get()).bytes.equals(bytes)).toBe(true);
    expect(standIn.requests.at(-1)).toMatchObject({
      path: '/images/00001%20%C3%BC%3F%23%25.png',
      query: {},
    });
  });

  const refusals: [string, Behaviour, SourceFailureReason][] = [
    ['401', { kind: 'status', status: 401 }, 'private'],
    ['403', { kind: 'status', status: 403 }, 'private'],
    ['410', { kind: 'status', status: 410 }, 'missing'],
    ['429', { kind: 'status', status: 429 }, 'rate-limited'],
    ['503', { kind: 'status', status: 503 }, 'server-error'],
    ['204', { kind: 'status', status: 204 }, 'server-error'],
    ['a page', { kind: 'unknown-page' }, 'unknown-page'],
    ['a reset', { kind: 'reset-before-headers' }, 'connection'],
    [
      'a redirect to a foreign host',
      { kind: 'redirect', to: { url: 'http://127.0.0.1:9/x' } },
      'host-not-allowed',
    ],
  ];
  test.each(refusals)('%s is told as what it is', async (_, behaviour, reason) => {
    expect((await get(behaviour)).failure?.reason).toBe(reason);
  });

  test('the wait that a 429 or 503 names comes along, a day at most', async () => {
    expect((await get({ kind: 'status', status: 503, retryAfter: '7' })).failure).toMatchObject({
      reason: 'rate-limited',
      retryAfterMs: 7000,
    });
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    const wait = (await get({ kind: 'status', status: 429, retryAfter: inAnHour })).failure?.retryAfterMs;
    expect(wait).toBeGreaterThan(3_500_000);
    expect(wait).toBeLessThanOrEqual(3_600_000);
    const longest = (await get({ kind: 'status', status: 429, retryAfter: '999999999' })).failure;
    expect(longest?.retryAfterMs).toBe(86_400_000);
    expect((await get({ kind: 'status', status: 429, retryAfter: 'soon' })).failure).not.toHaveProperty(
      'retryAfterMs',
    );
  });

  test('a mirror whose name does not exist is asked about, and never charged to a file', async () => {
    const http = makeHttpClient({ connections: 4 });
    onTestFinished(() => http.close());
    const source = makeHttpMirror(
      { name: 'http-mirror', baseUrl: 'http://mirror.invalid/' },
      { http, allowedHosts: [] },
    );
    for (let i = 0; i < 3; i++) {
      const { failure } = await outcomeOf(source, file, { offset: 0 });
      expect(failure).toMatchObject({ reason: 'network-down', host: 'mirror.invalid' });
      expect(failure?.detail).toContain('wrong host?');
      http.hosts.answered('another.example');
    }
  });

  test('a redirect is followed to a host that the user allowed', async () => {
    const to = { url: `${other.origin}/${encodeURIComponent(file.path)}` };
    const before = other.requests.length;
    expect((await get({ kind: 'redirect', to })).failure?.reason).toBe('host-not-allowed');
    expect(other.requests.length).toBe(before);
    const outcome = await get({ kind: 'redirect', to }, [new URL(other.origin).host]);
    expect(outcome.bytes.equals(bytes)).toBe(true);
  });
});

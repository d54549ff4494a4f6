import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import type { SourceFailureReason } from '../../../../src/domain/failure/source-failure.ts';
import { type Behaviour, confirmPages, quotaPages } from '../../../../src/stand-in/behaviours.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import type { RecordedRequest } from '../../../../src/stand-in/requests.ts';
import { named, outcomeOf, pseudoRandomBytes } from '../reading.ts';
import { bytes, driveBy, file, pictureOnDrive, whole } from './picture-on-drive.ts';

const { get, newClient, standIn } = pictureOnDrive();

let other: DriveStandIn;
beforeAll(async () => {
  other = await startDriveStandIn({
    files: new Map([['id42', fileOfBytes(bytes, { name: '00042.png', path: file.path })]]),
  });
});
afterAll(() => other.close());

const confirmationsIn = (asked: readonly RecordedRequest[]) =>
  asked.filter(({ query }) => query.confirm !== undefined).length;

describe('the way to the bytes', () => {
  test('leads over one redirect, with an honest agent, no credentials, no compression', async () => {
    const { got, asked } = await get(undefined);
    expect(got).toBe(whole);
    expect(asked.map(({ host, path }) => host + path)).toEqual([
      'drive.google.com/uc',
      'drive.usercontent.google.com/download',
    ]);
    for (const request of asked) {
      expect(request.userAgent).toMatch(/^ffhq-temporal\/\d/);
      expect(request.authorization).toBe(false);
      expect(request.acceptEncoding).toBeUndefined();
    }
    expect(asked[0]?.cookies).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308] as const)('takes a %i for a redirect', async (status) => {
    expect((await get({ kind: 'redirect', status })).got).toBe(whole);
  });

  test('needs none of the headers that are not certain', async () => {
    expect((await get({ kind: 'bare-headers' })).got).toBe(whole);
  });

  test('takes uncompressed bytes from a host that would compress', async () => {
    expect((await get({ kind: 'gzip' })).got).toBe(whole);
  });

  test.each(['signed', 'signed-with-cookie'] as const)(
    'leads over a %s link of the former byte host',
    async (to) => {
      const { got, asked } = await get({ kind: 'redirect', to });
      expect(got).toBe(whole);
      // The cookies of google.com stay with google.com.
      const first = asked.find(({ host }) => host.endsWith('.googleusercontent.com'));
      expect(first?.cookies).toEqual([]);
    },
  );

  test('begins anew with each open: cookies are not carried over', async () => {
    await get({ kind: 'confirm', page: 'anchor' });
    expect((await get(undefined)).asked[0]?.cookies).toEqual([]);
  });

  test('ends after ten redirects', async () => {
    expect((await get({ kind: 'redirect', to: { hops: 10 } })).got).toBe(whole);
    const { failure, asked } = await get({ kind: 'redirect', to: { hops: 11 } });
    expect(failure?.reason).toBe('redirect-loop');
    expect(asked).toHaveLength(11);
  });
});

describe('the confirmation page', () => {
  test.each(confirmPages)('in the form "%s" is confirmed once', async (page) => {
    const { got, asked } = await get({ kind: 'confirm', page });
    expect(got).toBe(whole);
    expect(asked.filter(({ answer }) => answer === 'confirm page')).toHaveLength(1);
    expect(asked.at(-1)).toMatchObject({ answer: 'file', status: 200 });
  });

  test.each(confirmPages)('in the form "%s" does not lose the range', async (page) => {
    const { from, got } = await get({ kind: 'confirm', page }, { offset: 1000, end: 2000 });
    expect({ from, got }).toEqual({ from: 1000, got: named(bytes.subarray(1000, 2000)) });
  });

  test('comes by itself for a big file', async () => {
    const big = pseudoRandomBytes(2_000, 5);
    const drive = await startDriveStandIn({
      files: new Map([['id42', fileOfBytes(big, { name: 'b' })]]),
      bigFrom: 2_000,
    });
    const client = makeHttpClient({ connections: 2, googleOrigin: drive.origin });
    const outcome = await outcomeOf(driveBy(client), { ...file, size: big.length });
    expect(named(outcome.bytes)).toBe(named(big));
    expect(drive.requests.map(({ answer }) => answer)).toEqual(['redirect', 'confirm page', 'file']);
    await client.close();
    await drive.close();
  });

  test.each(confirmPages)(
    'in the form "%s" that comes again and again is confirmed twice at most',
    async (page) => {
      const { failure, asked } = await get({ kind: 'confirm', page, endless: true });
      expect(failure?.reason).toBe('confirm-loop');
      expect(confirmationsIn(asked)).toBeLessThanOrEqual(2);
      expect(confirmationsIn(asked)).toBeGreaterThanOrEqual(1);
    },
  );

  test('gives its cookie back to Google alone', async () => {
    const { asked } = await get({ kind: 'confirm', page: 'anchor' });
    expect(asked[1]?.cookies.some((name) => name.startsWith('download_warning'))).toBe(true);
  });
});

describe('refusals are told apart', () => {
  const rows: [string, Behaviour, SourceFailureReason][] = [
    ['a redirect to the login page', { kind: 'private' }, 'private'],
    ['403 with a page that asks for access', { kind: 'private', how: 'forbidden' }, 'private'],
    ['a bare 401', { kind: 'private', how: 'unauthorized' }, 'private'],
    ['404', { kind: 'missing' }, 'missing'],
    ['the "sorry" page with 429', { kind: 'blocked', how: '429' }, 'blocked'],
    ['the "sorry" page with 403', { kind: 'blocked', how: '403' }, 'blocked'],
    ['a redirect to the "sorry" page', { kind: 'blocked', how: 'redirect' }, 'blocked'],
    ['the infected page', { kind: 'infected' }, 'infected'],
    ['a Google Docs document', { kind: 'document' }, 'not-downloadable'],
    ['403 of the byte host', { kind: 'stale-link' }, 'stale-link'],
    ['a bare 403 of the byte host', { kind: 'status', status: 403, at: 'bytes' }, 'stale-link'],
    ['a bare 403 of the first host', { kind: 'status', status: 403 }, 'unknown-page'],
    ['a page of no known kind', { kind: 'unknown-page' }, 'unknown-page'],
    ['bytes without a Content-Disposition', { kind: 'no-disposition' }, 'unknown-page'],
    ['400', { kind: 'status', status: 400, at: 'bytes' }, 'server-error'],
    ['500', { kind: 'status', status: 500 }, 'server-error'],
    ['503', { kind: 'status', status: 503, at: 'bytes' }, 'server-error'],
    ['503 with a wait', { kind: 'status', status: 503, retryAfter: '3' }, 'rate-limited'],
    ['a redirect round and round', { kind: 'redirect', to: 'itself' }, 'redirect-loop'],
    ['a redirect without a Location', { kind: 'redirect', to: 'nowhere' }, 'redirect-loop'],
    ['a redirect to a bad Location', { kind: 'redirect', to: { url: 'https://[/' } }, 'redirect-loop'],
    [
      'a redirect to plain http',
      { kind: 'redirect', to: { url: 'http://drive.google.com/uc?id=id42' } },
      'host-not-allowed',
    ],
    [
      'a redirect with credentials',
      { kind: 'redirect', to: { url: 'https://a:b@drive.google.com/uc?id=id42' } },
      'host-not-allowed',
    ],
    ['a redirect to a file', { kind: 'redirect', to: { url: 'file:///etc/passwd' } }, 'host-not-allowed'],
    [
      'a national "sorry" page',
      { kind: 'redirect', to: { url: 'https://www.google.co.uk/sorry/index' } },
      'blocked',
    ],
    ...quotaPages.map((page): [string, Behaviour, SourceFailureReason] => [
      `the quota page (${page})`,
      { kind: 'quota', page },
      'quota',
    ]),
  ];
  test.each(rows)('%s', async (_, behaviour, reason) => {
    const { failure, got, asked } = await get(behaviour);
    expect(failure?.reason).toBe(reason);
    expect(got).toBe(named(new Uint8Array(0)));
    expect(failure?.detail).toContain(file.path);
    expect(failure?.detail.length).toBeLessThanOrEqual(300);
    expect(asked.every(({ host }) => /^(drive|drive\.usercontent)\.google\.com$/.test(host))).toBe(true);
  });

  test.each(rows)('%s, in answer to a range as well', async (_, behaviour, reason) => {
    const { failure, got } = await get(behaviour, { offset: 1000 });
    expect({ reason: failure?.reason, got }).toEqual({ reason, got: named(new Uint8Array(0)) });
  });

  test('a block that names its wait hands it on', async () => {
    const { failure } = await get({ kind: 'blocked', retryAfter: '120' });
    expect(failure).toMatchObject({ reason: 'blocked', retryAfterMs: 120_000 });
  });

  test('a quota that spares ranges is no quota for a range', async () => {
    expect((await get({ kind: 'quota', except: 'ranged' })).failure?.reason).toBe('quota');
    expect((await get({ kind: 'quota', except: 'ranged' }, { offset: 9 })).got).toBe(
      named(bytes.subarray(9)),
    );
  });

  test('a passing 500 leaves no trace at the next open', async () => {
    const http = newClient();
    onTestFinished(() => http.close());
    const source = driveBy(http);
    standIn().behave('all', { kind: 'status', status: 500, times: 1 });
    expect((await outcomeOf(source, file)).failure?.reason).toBe('server-error');
    expect(named((await outcomeOf(source, file)).bytes)).toBe(whole);
  });
});

describe('ranges', () => {
  test('an ignored range brings the whole file, what lies behind the end too', async () => {
    const behaviour: Behaviour = { kind: 'ignore-range' };
    const open = await get(behaviour, { offset: 1000 });
    expect({ from: open.from, got: open.got }).toEqual({ from: 0, got: whole });
    const bounded = await get(behaviour, { offset: 1000, end: 2000 });
    expect({ from: bounded.from, got: bounded.got, failure: bounded.failure }).toEqual({
      from: 0,
      got: whole,
      failure: undefined,
    });
  });

  test.each(['start', 'total'] as const)(
    '206 with another %s than asked for is a range-mismatch',
    async (what) => {
      const { failure, got } = await get({ kind: 'wrong-range', what }, { offset: 1000 });
      expect({ reason: failure?.reason, got }).toEqual({
        reason: 'range-mismatch',
        got: named(new Uint8Array(0)),
      });
    },
  );

  test('416 is a range-mismatch', async () => {
    const { failure } = await get({ kind: 'truncate', toBytes: 500 }, { offset: 1000 });
    expect(failure?.reason).toBe('range-mismatch');
  });

  test('a cut file comes together by resuming where it broke', async () => {
    standIn().behave('all', { kind: 'cut', afterBytes: 100_000, how: 'close' });
    const http = newClient();
    onTestFinished(() => http.close());
    const source = driveBy(http);
    const parts: Buffer[] = [];
    let offset = 0;
    for (let opens = 0; offset < bytes.length && opens < 10; opens++) {
      const part = await outcomeOf(source, file, { offset });
      expect(part.from).toBe(offset);
      parts.push(part.bytes);
      offset += part.bytes.length;
    }
    expect(named(Buffer.concat(parts))).toBe(whole);
  });
});

describe('faults of the transfer', () => {
  const rows: [string, Behaviour | Behaviour[], SourceFailureReason][] = [
    ['a reset before the headers', { kind: 'reset-before-headers' }, 'connection'],
    ['no headers', { kind: 'stall-before-headers' }, 'timeout'],
    ['a reset in mid-body', { kind: 'cut', afterBytes: 1000, how: 'reset' }, 'connection'],
    ['an end before the length', { kind: 'cut', afterBytes: 1000, how: 'close' }, 'connection'],
    [
      'a chunked body that ends early',
      [
        { kind: 'no-length', framing: 'chunked' },
        { kind: 'cut', afterBytes: 1000, how: 'close' },
      ],
      'connection',
    ],
    [
      'a body without any framing that ends early',
      [
        { kind: 'no-length', framing: 'until-close' },
        { kind: 'cut', afterBytes: 1000, how: 'close' },
      ],
      'short-body',
    ],
    ['a stall in mid-body', { kind: 'stall', afterBytes: 1000 }, 'timeout'],
    ['a smaller file with its own length', { kind: 'truncate', toBytes: 1000 }, 'short-body'],
    [
      'a smaller file without a length',
      [
        { kind: 'no-length', framing: 'chunked' },
        { kind: 'truncate', toBytes: 1000 },
      ],
      'short-body',
    ],
    ['a larger file with its own length', { kind: 'extra-bytes', bytes: 10 }, 'oversized-body'],
    [
      'a larger file without a length',
      [
        { kind: 'no-length', framing: 'chunked' },
        { kind: 'extra-bytes', bytes: 100_000_000 },
      ],
      'oversized-body',
    ],
  ];
  test.each(rows)('%s', async (_, behaviour, reason) => {
    const { failure, bytes: came } = await get(behaviour);
    expect(failure?.reason).toBe(reason);
    // Whatever came is the beginning of the file, and never more than it.
    expect(named(came)).toBe(named(bytes.subarray(0, came.length)));
  });

  test('a body that is larger without end is cut off, not drained', async () => {
    const { asked } = await get([
      { kind: 'no-length', framing: 'chunked' },
      { kind: 'extra-bytes', bytes: 1_000_000_000 },
    ]);
    expect(asked.at(-1)?.bytesSent).toBeLessThan(50_000_000);
  });

  test('a slow body that keeps coming is not timed out', async () => {
    const small = { ...file, size: bytes.length };
    const { got } = await get({ kind: 'drip', bytesPerSecond: 400_000 }, { offset: 0 }, { spec: small });
    expect(got).toBe(whole);
  });

  test('a flipped byte is handed on: the digest is the caller’s', async () => {
    const { bytes: came, failure } = await get({ kind: 'flip-byte', at: 70_000 });
    expect(failure).toBeUndefined();
    expect(came.length).toBe(bytes.length);
    expect([...came.keys()].filter((i) => came[i] !== bytes[i])).toEqual([70_000]);
  });
});

describe('hosts', () => {
  const foreign = () => ({ url: `${other.origin}/${file.path}` });

  test('a foreign host is never asked, and gets no cookies when it is allowed', async () => {
    const before = other.requests.length;
    const { failure } = await get({ kind: 'redirect', to: foreign() });
    expect(failure?.reason).toBe('host-not-allowed');
    expect(failure?.detail).toContain(new URL(other.origin).host);
    expect(other.requests).toHaveLength(before);

    const allowedHosts = [new URL(other.origin).host];
    const { got } = await get({ kind: 'redirect', to: foreign() }, { offset: 0 }, { allowedHosts });
    expect(got).toBe(whole);
    expect(other.requests.at(-1)).toMatchObject({ cookies: [], authorization: false });
  });

  test('a file_url of an allowed host is fetched without a Content-Disposition', async () => {
    const allowedHosts = [new URL(other.origin).host];
    const spec = { ...file, ...foreign() };
    expect((await get(undefined, { offset: 0 }, { spec, allowedHosts })).got).toBe(whole);
    const part = await get(undefined, { offset: 5, end: 50 }, { spec, allowedHosts });
    expect({ from: part.from, got: part.got }).toEqual({ from: 5, got: named(bytes.subarray(5, 50)) });
    other.behave('all', { kind: 'unknown-page' });
    expect((await get(undefined, { offset: 0 }, { spec, allowedHosts })).failure?.reason).toBe(
      'unknown-page',
    );
    other.behave('all', undefined);
  });

  test('a confirmation page that leads to a foreign host is not confirmed', async () => {
    const page = `<form id="download-form" action="${other.origin}/uc"><input type="hidden" name="confirm" value="t"></form>`;
    const hostile = await startDriveStandIn({
      files: new Map([['p', fileOfBytes(Buffer.from(page), { name: 'p', path: 'page', type: 'text/html' })]]),
    });
    const client = makeHttpClient({ connections: 1, googleOrigin: hostile.origin });
    hostile.behave('p', { kind: 'no-disposition' });
    const before = other.requests.length;
    const outcome = await outcomeOf(driveBy(client), {
      ...file,
      url: 'https://drive.google.com/uc?id=p',
    });
    expect(outcome.failure?.reason).toBe('unknown-page');
    expect(other.requests).toHaveLength(before);
    await client.close();
    await hostile.close();
  });

  test.each(['not a url', 'http://drive.google.com/uc?id=id42', 'https://accounts.google.com/x'])(
    'the file_url %j is not asked for at all',
    async (url) => {
      const { failure, asked } = await get(undefined, { offset: 0 }, { spec: { ...file, url } });
      expect(failure).toBeDefined();
      expect(asked).toEqual([]);
    },
  );
});

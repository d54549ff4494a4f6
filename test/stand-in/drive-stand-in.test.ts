import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type DriveStandIn,
  type DriveStandInOptions,
  startDriveStandIn,
} from '../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes, type StandInFile } from '../../src/stand-in/files.ts';

const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
const file = fileOfBytes(bytes, { name: 'a b.png', type: 'image/png', path: 'images/a b.png' });
const running: DriveStandIn[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((standIn) => standIn.close()));
});

async function start(options: Partial<DriveStandInOptions> = {}): Promise<DriveStandIn> {
  const standIn = await startDriveStandIn({ files: new Map([['id', file]]), ...options });
  running.push(standIn);
  return standIn;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly complete: boolean;
}

/** Asks the stand-in as the host that the URL names, following nothing. */
function ask(
  standIn: DriveStandIn,
  address: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Reply> {
  const url = new URL(address, standIn.origin);
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `${standIn.origin}${url.pathname}${url.search}`,
      { method, headers: { host: url.host, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => {});
        response.on('close', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
            complete: response.complete,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

const ENTRY = 'https://drive.google.com/uc?id=id';
const BYTES = 'https://drive.usercontent.google.com/download?id=id&export=download';

describe('the way to a small file', () => {
  test('is a redirect that carries the real host, then the bytes with their name', async () => {
    const standIn = await start();
    const entry = await ask(standIn, ENTRY);
    expect(entry.status).toBe(303);
    expect(entry.headers.location).toBe(BYTES);
    expect(entry.headers['set-cookie']?.[0]).toMatch(/^NID=/);
    const answer = await ask(standIn, entry.headers.location ?? '');
    expect(answer.status).toBe(200);
    expect(answer.body.equals(bytes)).toBe(true);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/png',
      'content-disposition': 'attachment; filename="a%20b.png"; filename*=UTF-8\'\'a%20b.png',
      'content-length': '5000',
      'accept-ranges': 'bytes',
    });
  });

  test('ends in 404 for an id, a path or a host that it does not know', async () => {
    const standIn = await start();
    for (const url of [
      'https://drive.google.com/uc?id=other',
      'https://drive.google.com/uc',
      'https://drive.usercontent.google.com/download?id=other',
      'https://drive.google.com/other',
      'https://calendar.google.com/x',
      '/other',
      '/%',
    ]) {
      expect((await ask(standIn, url)).status).toBe(404);
    }
  });

  test('lets bytes come from a stream that is opened for the range alone', async () => {
    const opened: [number, number][] = [];
    const streamed: StandInFile = {
      size: bytes.length,
      name: 's',
      open(from, to) {
        opened.push([from, to]);
        return Readable.from([bytes.subarray(from, from + 10), bytes.subarray(from + 10, to)]);
      },
    };
    const standIn = await start({ files: new Map([['id', streamed]]) });
    const { body } = await ask(standIn, BYTES, { range: 'bytes=100-299' });
    expect(body.equals(bytes.subarray(100, 300))).toBe(true);
    expect(opened).toEqual([[100, 300]]);
  });
});

describe('ranges', () => {
  test.each([
    ['bytes=0-', 206, 'bytes 0-4999/5000'],
    ['bytes=4999-', 206, 'bytes 4999-4999/5000'],
    ['bytes=10-19', 206, 'bytes 10-19/5000'],
    ['bytes=10-99999', 206, 'bytes 10-4999/5000'],
    ['bytes=5000-', 416, 'bytes */5000'],
    ['bytes=9-5', 200, undefined],
    ['bytes=0-1,5-6', 200, undefined],
    ['lines=1-2', 200, undefined],
  ])('%s is answered with %i', async (range, status, contentRange) => {
    const answer = await ask(await start(), BYTES, { range });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-range']).toBe(contentRange);
    if (status === 206) expect(answer.headers['content-length']).toBe(String(answer.body.length));
  });

  test('a file without a byte has none', async () => {
    const standIn = await start({ files: new Map([['id', fileOfBytes(Buffer.alloc(0), { name: 'e' })]]) });
    expect((await ask(standIn, BYTES, { range: 'bytes=0-' })).status).toBe(416);
    expect((await ask(standIn, BYTES)).body.length).toBe(0);
  });
});

describe('a big file', () => {
  test('asks for confirmation until the form’s own fields come back', async () => {
    const standIn = await start({ bigFrom: 5000 });
    const page = await ask(standIn, BYTES);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-disposition']).toBeUndefined();
    const uuid = /name="uuid" value="([^"]+)"/.exec(page.body.toString())?.[1];
    for (const wrong of ['&confirm=t', '&confirm=t&uuid=1', `&uuid=${uuid}`]) {
      expect((await ask(standIn, BYTES + wrong)).headers['content-type']).toContain('text/html');
    }
    const answer = await ask(standIn, `${BYTES}&confirm=t&uuid=${uuid}`);
    expect(answer.body.equals(bytes)).toBe(true);
  });

  test('in former years asked for its cookie too', async () => {
    const standIn = await start();
    standIn.behave('id', { kind: 'confirm', page: 'anchor' });
    const page = await ask(standIn, ENTRY);
    const cookie =
      page.headers['set-cookie']?.find((line) => line.startsWith('download_warning'))?.split(';')[0] ?? '';
    const token = cookie.split('=')[1];
    expect((await ask(standIn, `${ENTRY}&confirm=${token}`)).status).toBe(200);
    expect((await ask(standIn, `${ENTRY}&confirm=wrong`, { cookie })).status).toBe(200);
    expect((await ask(standIn, `${ENTRY}&confirm=${token}`, { cookie })).status).toBe(303);
  });
});

describe('a signed link', () => {
  test('works once', async () => {
    const standIn = await start();
    standIn.behave('all', { kind: 'redirect', to: 'signed', status: 302 });
    const link = (await ask(standIn, ENTRY)).headers.location ?? '';
    expect(new URL(link).hostname).toMatch(/\.googleusercontent\.com$/);
    expect((await ask(standIn, link)).body.equals(bytes)).toBe(true);
    expect((await ask(standIn, link)).status).toBe(403);
  });

  test('may want its cookie', async () => {
    const standIn = await start();
    standIn.behave('all', { kind: 'redirect', to: 'signed-with-cookie' });
    const link = (await ask(standIn, ENTRY)).headers.location ?? '';
    const onwards = new URL((await ask(standIn, link)).headers.location ?? '', link).href;
    expect((await ask(standIn, onwards)).status).toBe(403);
  });
});

describe('behaviours', () => {
  test('begin and end when they are told to, for each file by itself', async () => {
    const standIn = await start({
      files: new Map([
        ['id', file],
        ['id2', file],
      ]),
    });
    standIn.behave('all', { kind: 'status', status: 500, from: 2, times: 2 });
    const statuses = async (id: string) => {
      const seen: number[] = [];
      for (let i = 0; i < 5; i++)
        seen.push((await ask(standIn, `https://drive.google.com/uc?id=${id}`)).status);
      return seen;
    };
    expect(await statuses('id')).toEqual([303, 500, 500, 303, 303]);
    expect(await statuses('id2')).toEqual([303, 500, 500, 303, 303]);
    standIn.behave('all', { kind: 'status', status: 500 });
    expect(await statuses('id')).toEqual([500, 500, 500, 500, 500]);
    standIn.behave('all', undefined);
    expect((await ask(standIn, ENTRY)).status).toBe(303);
  });

  test('of one file go before those of all, and leave the others alone', async () => {
    const standIn = await start({
      files: new Map([
        ['id', file],
        ['id2', file],
      ]),
    });
    standIn.behave('all', { kind: 'status', status: 500 });
    standIn.behave('id', { kind: 'status', status: 502 });
    expect((await ask(standIn, ENTRY)).status).toBe(502);
    expect((await ask(standIn, 'https://drive.google.com/uc?id=id2')).status).toBe(500);
  });

  test('of a transfer work together', async () => {
    const standIn = await start();
    standIn.behave('id', [
      { kind: 'flip-byte', at: 1000 },
      { kind: 'cut', afterBytes: 2000, how: 'close' },
    ]);
    const answer = await ask(standIn, BYTES, { range: 'bytes=500-' });
    expect(answer.complete).toBe(false);
    expect(answer.body.length).toBe(2000);
    const changed = [...answer.body.keys()].filter((i) => answer.body[i] !== bytes[500 + i]);
    expect(changed).toEqual([500]);
    expect(standIn.requests.at(-1)).toMatchObject({ bytesSent: 2000, finished: false });
    expect(bytes[1000]).toBe(1000 % 251);
  });

  test('gzip is for those who ask for it', async () => {
    const standIn = await start();
    standIn.behave('id', { kind: 'gzip' });
    expect((await ask(standIn, BYTES)).body.equals(bytes)).toBe(true);
    const packed = await ask(standIn, BYTES, { 'accept-encoding': 'gzip, br' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.body).equals(bytes)).toBe(true);
  });

  test('a drip takes its time', async () => {
    const standIn = await start();
    standIn.behave('id', { kind: 'drip', bytesPerSecond: 20_000 });
    const began = performance.now();
    const answer = await ask(standIn, BYTES);
    expect(answer.body.equals(bytes)).toBe(true);
    expect(performance.now() - began).toBeGreaterThan(150);
  });

  test('a stall ends when the stand-in is closed', async () => {
    const standIn = await start();
    standIn.behave('id', { kind: 'stall', afterBytes: 100 });
    const asked = ask(standIn, BYTES);
    await vi.waitFor(() => expect(standIn.requests[0]?.bytesSent).toBe(100));
    await standIn.close();
    expect((await asked).complete).toBe(false);
  });
});

describe('a block', () => {
  test('comes with too many requests, concerns every file, and ends with its time', async () => {
    let now = 0;
    const standIn = await start({
      now: () => now,
      block: { requests: 3, withinMs: 1000, blockForMs: 5000, retryAfter: '5' },
    });
    for (let i = 0; i < 3; i++) expect((await ask(standIn, ENTRY)).status).toBe(303);
    const blocked = await ask(standIn, BYTES);
    expect(blocked).toMatchObject({ status: 429, headers: { 'retry-after': '5', server: 'GFE/2.0' } });
    now = 4999;
    expect((await ask(standIn, ENTRY)).status).toBe(429);
    now = 5000;
    expect((await ask(standIn, ENTRY)).status).toBe(303);
  });

  test('does not come with the same requests spread out', async () => {
    let now = 0;
    const standIn = await start({ now: () => now, block: { requests: 3, withinMs: 1000 } });
    for (let i = 0; i < 10; i++, now += 400) expect((await ask(standIn, ENTRY)).status).toBe(303);
  });

  test('comes with too many at once', async () => {
    const standIn = await start({ block: { concurrent: 2, how: '403' } });
    standIn.behave('id', { kind: 'stall', afterBytes: 10 });
    const stalled = [ask(standIn, BYTES), ask(standIn, BYTES)];
    await vi.waitFor(() =>
      expect(standIn.requests.filter(({ bytesSent }) => bytesSent === 10)).toHaveLength(2),
    );
    expect((await ask(standIn, ENTRY)).status).toBe(403);
    expect(standIn.requests.at(-1)?.concurrent).toBe(3);
    await standIn.close();
    await Promise.all(stalled);
  });

  test('does not concern the mirror', async () => {
    const standIn = await start({ block: { requests: 0 } });
    expect((await ask(standIn, ENTRY)).status).toBe(429);
    expect((await ask(standIn, '/images/a%20b.png')).status).toBe(200);
  });
});

test('the mirror serves the same files by path, without Drive’s headers, and under the same behaviours', async () => {
  const standIn = await start();
  const answer = await ask(standIn, '/images/a%20b.png', { range: 'bytes=10-' });
  expect(answer.status).toBe(206);
  expect(answer.body.equals(bytes.subarray(10))).toBe(true);
  expect(answer.headers).not.toHaveProperty('content-disposition');
  standIn.behave('id', { kind: 'missing' });
  expect((await ask(standIn, '/images/a%20b.png')).status).toBe(404);
});

test('HEAD tells a file’s size on the mirror, without a byte of it, and is nothing that Google’s hosts are asked', async () => {
  const standIn = await start();
  const answer = await ask(standIn, '/images/a%20b.png', {}, 'HEAD');
  expect(answer.status).toBe(200);
  expect(answer.headers['content-length']).toBe('5000');
  expect(answer.body).toHaveLength(0);
  expect(standIn.requests[0]?.bytesSent).toBe(0);
  expect((await ask(standIn, '/images/none.png', {}, 'HEAD')).status).toBe(404);
  expect((await ask(standIn, BYTES, {}, 'HEAD')).status).toBe(405);
});

test('a record says who asked for what, and never the secrets', async () => {
  const standIn = await start({ now: () => 42 });
  await ask(standIn, `${BYTES}&x=1`, {
    range: 'bytes=1-2',
    cookie: 'secret=value; b=c',
    authorization: 'Bearer hidden',
    'x-goog-api-key': 'hidden',
    'x-goog-drive-resource-keys': 'id/0-key',
    'user-agent': 'someone/1',
  });
  await vi.waitFor(() => expect(standIn.requests[0]?.closed).toBe(true));
  expect(standIn.requests).toEqual([
    {
      at: 42,
      host: 'drive.usercontent.google.com',
      path: '/download',
      query: { id: 'id', export: 'download', x: '1' },
      file: 'id',
      range: 'bytes=1-2',
      userAgent: 'someone/1',
      acceptEncoding: undefined,
      cookies: ['secret', 'b'],
      authorization: true,
      apiKey: true,
      resourceKeys: 'id/0-key',
      concurrent: 1,
      status: 206,
      answer: 'file',
      bytesSent: 2,
      finished: true,
      closed: true,
    },
  ]);
  expect(JSON.stringify(standIn.requests)).not.toMatch(/value|hidden/);
});

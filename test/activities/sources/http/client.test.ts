import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type HttpClient,
  type HttpClientOptions,
  makeHttpClient,
  readPage,
} from '../../../../src/activities/sources/http/client.ts';
import { HttpError, transportFailure } from '../../../../src/activities/sources/http/http-error.ts';

const never = new AbortController().signal;
const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const http = makeHttpClient({ connections: 4, ...options });
  cleanups.push(() => http.close());
  return http;
}

async function listen(server: Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  const url = await listen(server);
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return url;
}

/** Answers every connection with these bytes, then does what it is told. */
async function serveRaw(text: string, then: (socket: Socket) => void = () => {}): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(text, () => then(socket)));
  });
  const url = await listen(server);
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return url;
}

async function failureOf(http: HttpClient, url: URL) {
  try {
    for await (const _ of (await http.get(url, { signal: never })).body);
  } catch (error) {
    return transportFailure(error);
  }
  return undefined;
}

describe('a response', () => {
  test('comes as it is: status, headers, cookies and bytes, whatever the status', async () => {
    const url = await serve((_, response) => {
      response.writeHead(418, {
        'X-Twice': ['a', 'b'],
        'Set-Cookie': ['c=1', 'd=2'],
        'Content-Type': 'text/plain',
      });
      response.end('tea');
    });
    const response = await client().get(url, { signal: never });
    expect(response.status).toBe(418);
    expect(response.header('content-type')).toBe('text/plain');
    expect(response.header('x-twice')).toBe('a, b');
    expect(response.header('x-none')).toBeUndefined();
    expect(response.setCookies).toEqual(['c=1', 'd=2']);
    expect(await readPage(response.body)).toBe('tea');
  });

  test('is a redirect to the caller, who alone decides where to go', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked++;
      response.writeHead(302, { location: '/again' }).end();
    });
    const response = await client().get(url, { signal: never });
    response.discard();
    expect({ status: response.status, location: response.header('location'), asked }).toEqual({
      status: 302,
      location: '/again',
      asked: 1,
    });
  });

  test('that is not wanted leaves its connection to the next request', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(302, { location: '/x', 'content-length': 1000 }).end('x'.repeat(1000));
    });
    const http = client({ connections: 1 });
    for (let i = 0; i < 5; i++) (await http.get(url, { signal: never })).discard();
    expect(ports.size).toBe(1);
  });
});

describe('a request', () => {
  test('names the project, asks for no compression and brings what the caller adds', async () => {
    let headers: NodeJS.Dict<string | string[]> = {};
    const url = await serve((request, response) => {
      headers = request.headers;
      response.end();
    });
    (await client().get(url, { headers: { range: 'bytes=5-' }, signal: never })).discard();
    expect(headers['user-agent']).toMatch(/^ffhq-temporal\/\d+\.\d+\.\d+$/);
    expect(headers).not.toHaveProperty('accept-encoding');
    expect(headers).not.toHaveProperty('authorization');
    expect(headers.range).toBe('bytes=5-');
  });

  test('for one of Google’s hosts goes to the Google origin under its own name; others are left alone', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      seen.push(`${request.headers.host}${request.url}`);
      response.end();
    });
    const http = client({ googleOrigin: url.origin });
    for (const text of [
      'https://drive.google.com/uc?id=1',
      'https://doc-1.googleusercontent.com/a/b',
      `${url.origin}/plain`,
    ]) {
      const response = await http.get(new URL(text), { signal: never });
      expect(response.url.href).toBe(text);
      response.discard();
    }
    expect(seen).toEqual([
      'drive.google.com/uc?id=1',
      'doc-1.googleusercontent.com/a/b',
      `${url.host}/plain`,
    ]);
  });

  test('carries the token that is for its server, and no other request does', async () => {
    const seen: unknown[] = [];
    const listener: RequestListener = ({ headers, url }, response) => {
      seen.push([url, headers.authorization]);
      response.end();
    };
    const [one, two, other] = [await serve(listener), await serve(listener), await serve(listener)];
    const tokens = new Map([
      [one.origin, 'abc'],
      [two.origin, '?sig=abc'],
    ]);
    const http = client({ network: { tokens } });
    for (const url of [one, two, other]) {
      const response = await http.get(url, { signal: never });
      expect(response.url.href).toBe(url.href);
      response.discard();
    }
    expect(seen).toEqual([
      ['/', 'Bearer abc'],
      ['/?sig=abc', undefined],
      ['/', undefined],
    ]);
  });

  test('is made once: nothing is tried again behind the caller’s back', async () => {
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections++;
      socket.once('data', () => socket.resetAndDestroy());
    });
    const url = await listen(server);
    cleanups.push(() => server.close());
    expect((await failureOf(client(), url))?.reason).toBe('connection');
    expect(connections).toBe(1);
  });

  test('waits for a connection when all are in use', async () => {
    let now = 0;
    let most = 0;
    const url = await serve((_, response) => {
      most = Math.max(most, ++now);
      setImmediate(() => {
        now--;
        response.end('x');
      });
    });
    const http = client({ connections: 2 });
    await Promise.all(
      Array.from({ length: 12 }, async () => readPage((await http.get(url, { signal: never })).body)),
    );
    expect(most).toBeLessThanOrEqual(2);
  });

  test('of many with one signal causes no warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    cleanups.push(() => process.off('warning', note));
    const url = await serve((_, response) => response.end('x'));
    const http = client({ connections: 40 });
    const { signal } = new AbortController();
    await Promise.all(
      Array.from({ length: 40 }, async () => readPage((await http.get(url, { signal })).body)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });
});

describe('an abort', () => {
  test('is thrown as the caller’s own reason, before, during and after the headers', async () => {
    const reason = new Error('no more');
    const http = client();
    await expect(
      http.get(new URL('http://127.0.0.1:1/'), { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);

    const silent = await serveRaw('');
    const waiting = new AbortController();
    const asked = http.get(silent, { signal: waiting.signal });
    waiting.abort(reason);
    await expect(asked).rejects.toBe(reason);

    const started = await serveRaw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    const reading = new AbortController();
    const response = await http.get(started, { signal: reading.signal });
    const read = (async () => {
      for await (const _ of response.body) reading.abort(reason);
    })();
    await expect(read).rejects.toBe(reason);
  });

  test('does not wait for a connection', async () => {
    const http = client({ connections: 1 });
    const silent = await serveRaw('');
    const first = new AbortController();
    const busy = http.get(silent, { signal: first.signal });
    const second = new AbortController();
    const queued = http.get(silent, { signal: second.signal });
    second.abort(new Error('second'));
    await expect(queued).rejects.toThrow('second');
    first.abort(new Error('first'));
    await expect(busy).rejects.toThrow('first');
  });
});

describe('a failure of the transport', () => {
  const quick = { timeouts: { connect: 500, headers: 200, bodyIdle: 200 } };

  test('is network-down when nobody listens', async () => {
    const server = createTcpServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const failure = await failureOf(client(), url);
    expect(failure?.reason).toBe('network-down');
    expect(failure?.detail).toContain('ECONNREFUSED');
    expect(failure?.detail).toContain(url.host);
  });

  test('is network-down when a certificate is not believed, or none is there', async () => {
    const url = await serveRaw('not TLS at all');
    url.protocol = 'https:';
    expect((await failureOf(client(), url))?.reason).toBe('network-down');
  });

  test.each([
    ['ENOTFOUND', undefined, 'network-down'],
    ['EAI_AGAIN', undefined, 'network-down'],
    ['ENETUNREACH', undefined, 'network-down'],
    ['EHOSTUNREACH', undefined, 'network-down'],
    ['UND_ERR_CONNECT_TIMEOUT', undefined, 'network-down'],
    ['ETIMEDOUT', 'connect', 'network-down'],
    ['ETIMEDOUT', 'read', 'timeout'],
    ['CERT_HAS_EXPIRED', undefined, 'network-down'],
    ['ECONNRESET', 'read', 'connection'],
    ['EPIPE', 'write', 'connection'],
    ['UND_ERR_SOCKET', undefined, 'connection'],
    ['SOMETHING_NEW', undefined, 'connection'],
  ])('with code %s (%s) is %s', (code, syscall, reason) => {
    const error = new HttpError('host', Object.assign(new Error('x'), { code, syscall }));
    expect(transportFailure(error).reason).toBe(reason);
  });

  test('is a timeout when no headers come', async () => {
    expect((await failureOf(client(quick), await serveRaw('')))?.reason).toBe('timeout');
  });

  test('is a server’s error when answers of 1xx announce another one for ever', async () => {
    let sent = 0;
    const url = await serveRaw('', (socket) => {
      const timer = setInterval(() => {
        socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
        sent++;
      }, 5);
      socket.on('close', () => clearInterval(timer));
    });
    const failure = await failureOf(client(quick), url);
    expect(failure?.reason).toBe('server-error');
    expect(failure?.detail).toMatch(/answers of 1xx, and none behind them/);
    expect(sent).toBeLessThan(200);
  });

  test('is none when a few answers of 1xx come before the real one', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n';
    const url = await serveRaw(`${hint.repeat(3)}HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc`);
    const response = await client(quick).get(url, { signal: never });
    expect(await readPage(response.body)).toBe('abc');
  });

  test('is a timeout when the headers drip', async () => {
    const url = await serveRaw('HTTP/1.1 200 OK\r\n', (socket) => {
      const timer = setInterval(() => socket.write('x'), 30);
      socket.on('close', () => clearInterval(timer));
    });
    expect((await failureOf(client({ timeouts: { headers: 1_000 } }), url))?.reason).toBe('timeout');
  });

  test('is a timeout when the body stops', async () => {
    const url = await serveRaw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
    expect((await failureOf(client(quick), url))?.reason).toBe('timeout');
  });

  test('is a cut connection when it is reset in the body', async () => {
    const url = await serveRaw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', (socket) =>
      socket.resetAndDestroy(),
    );
    expect((await failureOf(client(), url))?.reason).toBe('connection');
  });

  test('is too slow when a body drips, though it never stops', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100_000 });
      const timer = setInterval(() => response.write('x'), 30);
      response.on('close', () => clearInterval(timer));
    });
    const failure = await failureOf(client({ ...quick, paceAfter: 400 }), url);
    expect(failure?.reason).toBe('too-slow');
  });

  test('is a short body when the connection was to end with the message', async () => {
    const url = await serveRaw(
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\nabc',
      (socket) => socket.end(),
    );
    expect((await failureOf(client(), url))?.reason).toBe('short-body');
  });

  test.each([
    'HTTP/1.1 banana\r\n\r\n',
    'SSH-2.0-OpenSSH\r\n',
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  ])('is the server’s when it does not speak HTTP (%#)', async (text) => {
    expect((await failureOf(client(), await serveRaw(text)))?.reason).toBe('server-error');
  });

  const head = 'HTTP/1.1 200 OK\r\n';
  const many = Array.from({ length: 5_000 }, (_, at) => `h${at}: x\r\n`).join('');
  test.each([
    `${head}content-length: -1\r\n\r\nabc`,
    `${head}content-length: 1e3\r\n\r\nabc`,
    `${head}content-length: 99999999999999999999\r\n\r\nabc`,
    `${head}content-length: 3\r\ncontent-length: 4\r\n\r\nabc`,
    `${head}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\nabc`,
    `${head}transfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
    `${head}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc`,
    `${head}transfer-encoding: chunked\r\n\r\n3\r\nabc`,
    `${head}no colon\r\n\r\n`,
    `${head}a\0b: c\r\n\r\n`,
    `${head} folded: x\r\n\r\n`,
    `${head}${many}\r\n`,
    'HTTP/1.1 000 OK\r\n\r\n',
    'HTTP/9.9 200 OK\r\n\r\n',
    'HTTP/1.1 200',
    '\r\n\r\n\0\0\0',
    '',
  ])('comes of any other answer that is none (%#), and of nothing that is asked next', async (text) => {
    const http = client();
    const failure = await failureOf(http, await serveRaw(text, (socket) => socket.end()));
    expect(failure?.reason).toMatch(/^(server-error|connection|short-body)$/);
    const right = await serve((_, response) => response.end('right'));
    expect(await failureOf(http, right)).toBeUndefined();
  });

  test('is one line of at most 300 characters', () => {
    const error = new HttpError(
      'host',
      Object.assign(new Error(`\x1b[31m${'a\nb'.repeat(300)}`), { code: 'EPIPE' }),
    );
    const { detail } = transportFailure(error);
    expect(detail.length).toBeLessThanOrEqual(300);
    expect(detail).not.toMatch(/[\p{C}]/u);
  });

  test('is nothing that other errors may be taken for', () => {
    const error = new TypeError('a bug');
    expect(() => transportFailure(error)).toThrow(error);
  });
});

describe('a page', () => {
  test('is read as far as it may be, and no further', async () => {
    let sent = 0;
    const url = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('ü'.repeat(10_000))) sent += 20_000;
      };
      response.on('drain', more);
      more();
    });
    const response = await client().get(url, { signal: never });
    const text = await readPage(response.body, 100_001);
    expect(Buffer.byteLength(text.replace(/\ufffd$/, ''))).toBe(100_000);
    await vi.waitFor(() => expect(sent).toBeLessThan(20_000_000));
  });

  test('need not be valid UTF-8', async () => {
    const url = await serve((_, response) => response.end(Buffer.from([0x41, 0xff, 0x42])));
    expect(await readPage((await client().get(url, { signal: never })).body)).toBe('A\ufffdB');
  });
});

test('closing the client ends what is under way', async () => {
  const url = await serveRaw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc');
  const http = makeHttpClient({ connections: 1 });
  const response = await http.get(url, { signal: never });
  const read = (async () => {
    for await (const _ of response.body) await http.close();
  })();
  await expect(read).rejects.toBeInstanceOf(HttpError);
});

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HttpClient, makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import { transportFailure } from '../../../../src/activities/sources/http/http-error.ts';

/*
 * Servers that end the connection behind each answer (HTTP/1.0, `Connection: close`), while the reader is behind. What
 * undici throws then nobody can catch: a test process ends by it as a worker does.
 */

const never = new AbortController().signal;

let http: HttpClient;
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);
beforeEach(() => {
  http = makeHttpClient({ connections: 64 });
  uncaught.length = 0;
  process.on('uncaughtException', note);
});
afterEach(async () => {
  process.off('uncaughtException', note);
  await http.close();
});

/** `resetAndDestroy` ends the bytes in good order first. */
function breakOff(socket: Socket): void {
  const handle = Reflect.get(socket, '_handle') as { reset(done: () => void): void };
  handle.reset(() => socket.destroy());
}

/** Answers `/SIZE` with so many bytes, and ends the connection as it is told. */
async function serve(head: (size: number) => string, end: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (asked) => {
      const size = Number(/\/(\d+) /.exec(String(asked))?.[1]);
      socket.write(Buffer.concat([Buffer.from(head(size)), Buffer.alloc(size, 'x')]), () => end(socket));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** The other side has long ended when this is over. */
async function severalTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((done) => setImmediate(done));
}

async function sizeOfBody(url: string, client = http): Promise<number> {
  let size = 0;
  const { body } = await client.get(new URL(url), { signal: never });
  for await (const chunk of body) {
    size += chunk.length;
    await severalTurns();
  }
  return size;
}

/** From one chunk to many, and where the reader is behind at the very end of the bytes. */
const sizes = Array.from({ length: 40 }, (_, nth) => 100_000 + nth * 8_192);

const heads = [
  ['HTTP/1.0 with a length', (size: number) => `HTTP/1.0 200 OK\r\nContent-Length: ${size}\r\n\r\n`],
  ['HTTP/1.0 without one', () => 'HTTP/1.0 200 OK\r\n\r\n'],
  [
    'HTTP/1.1 that closes',
    (size: number) => `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
  ],
  ['HTTP/1.1 that closes unsaid', (size: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`],
] as const;

test.each(heads)(
  'a body by %s is whole, however far behind its reader is, and nothing is thrown',
  async (_, head) => {
    const server = await serve(head, (socket) => socket.end());
    try {
      expect(await Promise.all(sizes.map((size) => sizeOfBody(`${server.origin}/${size}`)))).toEqual(sizes);
      expect(uncaught).toEqual([]);
    } finally {
      server.close();
    }
  },
);

test.each(heads)(
  'a body by %s whose connection is broken is whole, or a failure of the transport',
  async (_, head) => {
    const server = await serve(head, breakOff);
    try {
      const bodies = await Promise.all(
        sizes.map((size) => sizeOfBody(`${server.origin}/${size}`).catch(transportFailure)),
      );
      // A system may tell of such an end as of any other: then only a length tells whether all came.
      for (const [nth, body] of bodies.entries())
        if (typeof body !== 'number') expect(body).toMatchObject({ reason: expect.any(String) });
        else if (head(1).includes('Length')) expect(body).toBe(sizes[nth]);
      expect(uncaught).toEqual([]);
      // Its places are free again.
      expect(
        (await Promise.allSettled(sizes.map((size) => sizeOfBody(`${server.origin}/${size}`)))).length,
      ).toBe(sizes.length);
    } finally {
      server.close();
    }
  },
);

test('a body without a length whose connection is broken is no whole one', async () => {
  let broken: (() => void) | undefined;
  const server = await serve(heads[1][1], (socket) => {
    broken = () => breakOff(socket);
  });
  try {
    let size = 0;
    const reading = (async () => {
      const { body } = await http.get(new URL(`${server.origin}/30000`), { signal: never });
      for await (const chunk of body) {
        size += chunk.length;
        if (size === 30_000) broken?.();
      }
    })();
    expect(transportFailure(await reading.catch((error: unknown) => error))).toMatchObject({
      reason: 'connection',
    });
  } finally {
    server.close();
  }
});

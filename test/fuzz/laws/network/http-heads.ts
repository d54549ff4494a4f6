import { createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { makeGoogleDrive } from '../../../../src/activities/sources/google-drive/open.ts';
import { makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import { makeHttpMirror } from '../../../../src/activities/sources/http-mirror/open.ts';
import type { FileSpec } from '../../../../src/domain/dataset/file-spec.ts';
import { isFailureReason } from '../../../../src/domain/failure/reasons.ts';
import { outcomeOf } from '../../../activities/sources/reading.ts';
import { hostileText } from '../../../support/hostile-text.ts';
import { hostileBytes, spoilt } from '../../hostile/bytes.ts';
import { law } from '../../law.ts';
import { hostilePage, pageOf } from './pages.ts';

/** Of a file whose size nobody published; `licenses` has the smallest bound. */
const UNKNOWN = 1024 ** 2;
const SIZE = 60;

const number = fc.oneof(
  fc.nat(120).map(String),
  fc.constantFrom(
    '',
    '-1',
    '+5',
    '1e3',
    '0x10',
    '60',
    '99999999999999999999',
    '*',
    ' 60 ',
    '60, 60',
    '60,61',
    'NaN',
  ),
);
const value = fc.oneof(
  hostileText.map((text) => text.replace(/[\r\n]/g, '')),
  number,
);
const header = fc.oneof(
  number.map((length) => `content-length: ${length}`),
  fc.tuple(number, number, number).map(([from, to, of]) => `content-range: bytes ${from}-${to}/${of}`),
  fc
    .constantFrom('chunked', 'gzip, chunked', 'chunked, chunked', 'identity', 'x')
    .map((coding) => `transfer-encoding: ${coding}`),
  fc.constantFrom('gzip', 'br', 'identity', '').map((coding) => `content-encoding: ${coding}`),
  fc
    .constantFrom('text/html', 'TEXT/HTML; charset=utf-16', 'image/png', '')
    .map((type) => `content-type: ${type}`),
  fc
    .oneof(number, fc.constantFrom('Fri, 31 Dec 9999 23:59:59 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT', '1e999'))
    .map((wait) => `retry-after: ${wait}`),
  fc
    .oneof(
      value,
      fc.constantFrom(
        '/',
        '/again',
        '//evil.example/',
        'http://[',
        'javascript:1',
        'http://127.0.0.1:$OTHER/',
        'https://drive.google.com/uc?id=2',
      ),
    )
    .map((to) => `location: ${to}`),
  value.map((cookie) => `set-cookie: ${cookie}=${cookie}; path=/`),
  fc.constantFrom('attachment', 'inline; filename*=x', '').map((how) => `content-disposition: ${how}`),
  fc.constantFrom('close', 'keep-alive', 'upgrade').map((how) => `connection: ${how}`),
  fc
    .tuple(fc.constantFrom('__proto__', 'constructor', 'date', 'x', 'upgrade', 'trailer', ' x', 'x '), value)
    .map(([name, said]) => `${name}: ${said}`),
  fc.constantFrom(300, 20_000).map((length) => `x: ${'y'.repeat(length)}`),
);
const status = fc.oneof(
  fc.constantFrom(
    '200 OK',
    '206 Partial Content',
    '302 Found',
    '307',
    '403 no',
    '404',
    '416',
    '429 Too',
    '500',
    '503',
  ),
  fc.constantFrom(
    '100 Continue',
    '103 Early Hints',
    '101 Switching Protocols',
    '204',
    '304',
    '999',
    '0',
    '-1',
    '2000',
    'OK',
    '',
  ),
);
const head = fc.record({
  version: fc.oneof(
    { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
    fc.constantFrom('HTTP/1.0', 'HTTP/2', 'HTTP/9.9', 'ICY', ''),
  ),
  status,
  headers: fc.array(fc.tuple(header, fc.constantFrom(1, 1, 1, 2, 40)), { maxLength: 6 }),
  ending: fc.oneof({ weight: 9, arbitrary: fc.constant('\r\n') }, fc.constantFrom('\n', '\r', '')),
});
const body = fc.oneof(
  fc.nat(130).map((length) => Buffer.alloc(length, 'b')),
  fc
    .constantFrom('3c\r\n', '5\r\nhello\r\n0\r\n\r\n', 'ffffffffffffffff\r\n', '-1\r\n', '0\r\nx: y\r\n\r\n')
    .map((text) => Buffer.from(text)),
  hostilePage.map(pageOf),
  fc.constantFrom(2_000_000).map((length) => Buffer.alloc(length)),
);

const served = fc.record({
  announced: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constantFrom(1, 5, 300)),
  head,
  body,
  bytes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, hostileBytes(2)),
  after: fc.oneof({ weight: 30, arbitrary: fc.constant('end') }, fc.constantFrom('reset', 'wait')),
  drive: fc.boolean(),
  known: fc.boolean(),
  offset: fc.oneof(fc.constant(0), fc.nat(70)),
});

/** The server that cases speak through, and one that nobody may ever ask. */
const servers: { answer: Buffer; after: string; asked: number } = {
  answer: Buffer.alloc(0),
  after: 'end',
  asked: 0,
};
let ports: Promise<readonly [number, number]> | undefined;

function listen(): Promise<readonly [number, number]> {
  ports ??= Promise.all([
    portOf(
      createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          if (servers.after === 'reset') socket.write(servers.answer, () => socket.resetAndDestroy());
          else if (servers.after === 'wait') socket.write(servers.answer);
          else socket.end(servers.answer);
        });
      }),
    ),
    portOf(
      createServer((socket) => {
        servers.asked++;
        socket.destroy();
      }),
    ),
  ]);
  return ports;
}

function portOf(server: Server): Promise<number> {
  // A test or a command that is done does not wait for it.
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

export const httpHeads = law('http-heads', 120, served, async (one) => {
  const [port, other] = await listen();
  const { version, status: line, headers, ending } = one.head;
  const lines = [
    `${version} ${line}`,
    ...headers.flatMap(([field, times]) => Array<string>(times).fill(field)),
  ];
  const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(one.announced);
  const text = `${hints}${lines.join(ending || '\r\n')}\r\n${ending}`.replaceAll('$OTHER', String(other));
  servers.answer = spoilt(Buffer.concat([Buffer.from(text), one.body]), one.bytes);
  servers.after = one.after;
  const origin = `http://127.0.0.1:${port}`;
  const http = makeHttpClient({
    ...{ connections: 2, googleOrigin: origin, timeouts: { connect: 1_000, headers: 250, bodyIdle: 250 } },
  });
  const access = { http, allowedHosts: [] };
  const source = one.drive
    ? makeGoogleDrive({ name: 'google-drive' }, access)
    : makeHttpMirror({ name: 'http-mirror', baseUrl: `${origin}/` }, access);
  const file: FileSpec = {
    ...{ kind: 'licenses', key: '7', url: 'https://drive.google.com/uc?id=1', path: 'LICENSE.txt' },
    ...(one.known ? { size: SIZE } : {}),
  };
  try {
    const { from, bytes, failure } = await outcomeOf(source, file, { offset: one.offset });
    if (servers.asked > 0) throw new Error('hosts: expected the one that was named, got another one asked');
    const most = one.known ? SIZE : UNKNOWN;
    if ((from ?? 0) + bytes.length > most)
      throw new Error(`body: expected at most ${most} bytes, got ${bytes.length} from ${from}`);
    if (from !== undefined && from !== 0 && from !== one.offset)
      throw new Error(`from: expected ${one.offset} or 0, got ${from}`);
    if (failure === undefined) {
      if (one.known && (from ?? 0) + bytes.length !== SIZE)
        throw new Error(`body: expected all of it, got ${bytes.length}`);
      return;
    }
    const { reason, detail, retryAfterMs = 1 } = failure;
    if (!isFailureReason(reason) || detail.length > 300 || /[\p{C}\p{Zl}\p{Zp}]/u.test(detail))
      throw new Error(`failure: expected a reason and a line, got ${JSON.stringify(failure)}`);
    if (!(retryAfterMs > 0 && retryAfterMs <= 24 * 3_600_000))
      throw new Error(`wait: expected at most a day, got ${retryAfterMs}`);
  } finally {
    await http.close();
  }
});

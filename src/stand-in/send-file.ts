import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Active } from './behaviours.ts';
import type { Exchange } from './exchange.ts';
import type { StandInFile } from './files.ts';
import { sendBody } from './send-body.ts';

/**
 * Hands out a file or the range of it that was asked for, with whatever the behaviours do to the bytes.
 *
 * @param headersOf - Headers of the host that answers; length and range are added here.
 */
export async function sendFile(
  exchange: Exchange,
  file: StandInFile,
  active: Active,
  headersOf: (file: StandInFile) => OutgoingHttpHeaders,
): Promise<void> {
  const size = Math.min(file.size, active.find('truncate')?.toBytes ?? file.size);
  const asked = isForAnother(exchange, file, active) ? undefined : parseRange(exchange.record.range, size);
  if (asked === 'unsatisfiable') {
    exchange.status(416, { 'content-range': `bytes */${size}` });
    return;
  }
  const range = asked ?? { start: 0, end: size };
  const wrong = active.find('wrong-range')?.what;
  // A wrong start is wrong through and through: the bytes are those that the header says.
  const start = asked && wrong === 'start' ? Math.max(0, range.start - 1) : range.start;
  const extra = active.find('extra-bytes')?.bytes ?? 0;
  const gzip = active.has('gzip') && /\bgzip\b/.test(exchange.record.acceptEncoding ?? '');
  const framing = gzip ? 'chunked' : active.find('no-length')?.framing;
  if (framing === 'until-close') {
    exchange.response.shouldKeepAlive = false;
    exchange.response.removeHeader('transfer-encoding');
  }
  exchange.head('file', asked ? 206 : 200, {
    ...headersOf(file),
    ...(framing === undefined ? { 'content-length': range.end - start + extra } : {}),
    ...(asked
      ? { 'content-range': `bytes ${start}-${range.end - 1}/${wrong === 'total' ? size + 1 : size}` }
      : {}),
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
  });
  if (exchange.request.method === 'HEAD') {
    exchange.response.end();
    return;
  }
  const opened = file.open(start, range.end);
  const bytes = opened instanceof Uint8Array ? [opened] : opened;
  const whole = extra === 0 ? bytes : withExtra(bytes, extra);
  await sendBody(exchange, gzip ? Readable.from(whole).pipe(createGzip()) : whole, start, active);
}

/** The headers of Drive's byte host; those that `bare-headers` leaves out are not certain, so clients must do without. */
export function driveHeaders(file: StandInFile, active: Active): OutgoingHttpHeaders {
  const name = encodeURIComponent(file.name);
  return {
    'content-type': file.type ?? 'application/octet-stream',
    ...(active.has('no-disposition')
      ? {}
      : { 'content-disposition': `attachment; filename="${name}"; filename*=UTF-8''${name}` }),
    'last-modified': 'Mon, 04 Feb 2019 12:00:00 GMT',
    ...(active.has('bare-headers')
      ? {}
      : {
          'accept-ranges': 'bytes',
          'x-guploader-uploadid': createHash('sha256').update(file.name).digest('hex').slice(0, 32),
          server: 'UploadServer',
          'cache-control': 'private, max-age=0',
          'x-content-type-options': 'nosniff',
        }),
  };
}

/** The headers of an ordinary web server. */
export function mirrorHeaders(file: StandInFile): OutgoingHttpHeaders {
  return {
    'content-type': file.type ?? 'application/octet-stream',
    'accept-ranges': 'bytes',
    ...(file.etag === undefined ? {} : { etag: file.etag }),
  };
}

/** The part that was asked for is not given: by this server not at all, or because the file is another one by now. */
function isForAnother({ request }: Exchange, { etag }: StandInFile, active: Active): boolean {
  const wanted = request.headers['if-range'];
  return active.has('ignore-range') || (wanted !== undefined && wanted !== etag);
}

/** A single range `[start, end)`; several, or one that cannot be read, are ignored, as RFC 9110 allows. */
function parseRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (!match) return undefined;
  const start = Number(match[1]);
  const end = match[2] ? Math.min(Number(match[2]) + 1, size) : size;
  if (start >= size) return 'unsatisfiable';
  return end > start ? { start, end } : undefined;
}

async function* withExtra(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  extra: number,
): AsyncGenerator<Uint8Array> {
  yield* bytes;
  const zeros = new Uint8Array(Math.min(extra, 64 * 1024));
  for (let left = extra; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}

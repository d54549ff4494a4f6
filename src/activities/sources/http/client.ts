import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import {
  type SourceFailure,
  type SourceFailureReason,
  sourceFailure,
} from '../../../domain/failure/source-failure.ts';
import { HttpExchange } from './exchange.ts';

/**
 * The project's only door to HTTP: one GET, one response, nothing behind the caller's back. No retries (Temporal's), no
 * redirects (a source classifies the Location first), no decompression (bytes and ranges are those that are stored).
 */
export interface HttpClient {
  /**
   * Asks once. Resolves with any response, whatever its status; rejects with {@link HttpError} when there is none, and
   * with the signal's reason when the caller aborted. The response's body must be read, left or discarded.
   */
  get(
    url: URL,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<HttpResponse>;
  /** Closes every connection, those in use too. */
  close(): Promise<void>;
}

export interface HttpResponse {
  readonly status: number;
  /** The URL that was asked for, before any rerouting. */
  readonly url: URL;
  /** Value of a header by its lower-case name; several lines of it joined by commas. */
  header(name: string): string | undefined;
  readonly setCookies: readonly string[];
  /**
   * The bytes, once. Iterating throws {@link HttpError} when the transfer breaks, the signal's reason when the caller
   * aborted; leaving the loop early closes the connection.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the response up; a short body is read in the background, so that the connection can be used again. */
  discard(): void;
}

/** Milliseconds: until connected, until the headers came, between two pieces of the body. */
export interface HttpTimeouts {
  readonly connect: number;
  readonly headers: number;
  readonly bodyIdle: number;
}

const defaultTimeouts: HttpTimeouts = { connect: 10_000, headers: 30_000, bodyIdle: 30_000 };

export interface HttpClientOptions {
  /** Connections per origin; further requests wait for one. */
  readonly connections: number;
  /** @default {@link defaultTimeouts} */
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Where requests for Google's hosts go instead, with their original Host header. Other hosts are left alone. */
  readonly googleOrigin?: string | undefined;
}

/** No response, or a body that broke. `code` is Node's or undici's. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: string;
  readonly host: string;

  constructor(host: string, cause: unknown) {
    const code = textOf(cause, 'code') ?? textOf(cause, 'name') ?? 'UNKNOWN';
    super(`GET [host=${host}]: expected a response, got ${code} (${textOf(cause, 'message') ?? cause})`, {
      cause,
    });
    this.code = code;
    this.host = host;
  }
}

const { name, version } = JSON.parse(
  readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
) as {
  readonly name: string;
  readonly version: string;
};

/** Names the project as what it is: a crawler that hides cannot be asked to slow down. */
const USER_AGENT = `${name}/${version}`;

/** Bytes of an unwanted body that are cheaper to read than a new connection is to make. */
const WORTH_DRAINING = 64 * 1024;

export function makeHttpClient(options: HttpClientOptions): HttpClient {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.headers,
    bodyTimeout: timeouts.bodyIdle,
  });

  return {
    async get(url, { headers = {}, signal }) {
      signal.throwIfAborted();
      // One signal for many files at once is what callers have; each request listens only while it lasts.
      setMaxListeners(0, signal);
      const rerouted = options.googleOrigin !== undefined && isGoogleHost(url.hostname);
      const target = rerouted ? new URL(`${options.googleOrigin}${url.pathname}${url.search}`) : url;
      const exchange = new HttpExchange(signal, (cause) => new HttpError(url.host, cause));
      const request = {
        origin: target.origin,
        path: `${target.pathname}${target.search}`,
        method: 'GET' as const,
        headers: { 'user-agent': USER_AGENT, ...headers, ...(rerouted ? { host: url.host } : {}) },
      };
      agent.dispatch(request, exchange);
      const { status, headers: fields } = await exchange.head;
      const setCookie = fields['set-cookie'] ?? [];
      return {
        status,
        url,
        header: (field) => {
          const value = fields[field];
          return typeof value === 'string' ? value : value?.join(', ');
        },
        setCookies: typeof setCookie === 'string' ? [setCookie] : setCookie,
        body: exchange,
        discard: () => exchange.discard(WORTH_DRAINING),
      };
    },
    close: () => agent.destroy(),
  };
}

/** A page's text, or as much of it as fits: what comes in place of a file is not trusted to be short. */
export async function readPage(body: AsyncIterable<Uint8Array>, maxBytes = 256 * 1024): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let left = maxBytes;
  for await (const chunk of body) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.length;
    if (left <= 0) break;
  }
  return text + decoder.decode();
}

/** What a failed `get` or a broken body means; anything but an {@link HttpError} is thrown on. */
export function transportFailure(error: unknown): SourceFailure {
  if (!(error instanceof HttpError)) throw error;
  return sourceFailure(reasonOf(error), error.message);
}

const NO_CONNECTION: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'ENETUNREACH',
  'ENETDOWN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Codes of certificates that are not believed: nobody reached the host in question. */
const NOT_THE_HOST = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;

function reasonOf({ code, cause, host }: HttpError): SourceFailureReason {
  // A name server that answers "no such host" is a network that works: the file's URL is at fault. Google's hosts exist.
  if (code === 'ENOTFOUND' && !isGoogleHost(host.replace(/:\d+$/, ''))) return 'connection';
  if (NO_CONNECTION.has(code) || NOT_THE_HOST.test(code)) return 'network-down';
  // undici gives these no code of their own; the parser's reason for an end in mid-message is "Invalid EOF state".
  if (textOf(cause, 'name') === 'HTTPParserError') {
    return /\bEOF\b/.test(textOf(cause, 'message') ?? '') ? 'short-body' : 'server-error';
  }
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'timeout';
    case 'ETIMEDOUT':
      return textOf(cause, 'syscall') === 'connect' ? 'network-down' : 'timeout';
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'short-body';
    case 'UND_ERR_HEADERS_OVERFLOW':
      return 'server-error';
    default:
      return 'connection';
  }
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

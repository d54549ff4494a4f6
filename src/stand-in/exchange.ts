import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AnswerKind, type OpenRecord, recordRequest } from './requests.ts';

/** One request with its response and its record; the only place where a response's head is written. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: OpenRecord;
  readonly #cookies: string[] = [];
  readonly #gone = new AbortController();

  constructor(request: IncomingMessage, response: ServerResponse, record: OpenRecord) {
    this.request = request;
    this.response = response;
    this.record = record;
    response.once('finish', () => {
      record.finished = true;
    });
    response.once('close', () => {
      record.closed = true;
      this.#gone.abort();
    });
  }

  /** True once nothing more can be sent. */
  get closed(): boolean {
    return this.response.destroyed || this.response.socket?.destroyed === true;
  }

  /** `cookie`: a whole Set-Cookie line; it goes out with the head. */
  setCookie(cookie: string): void {
    this.#cookies.push(cookie);
  }

  /** Sends status and headers, and records them; the body is the caller's. */
  head(answer: AnswerKind, status: number, headers: OutgoingHttpHeaders): void {
    this.record.answer = answer;
    this.record.status = status;
    if (this.#cookies.length > 0) this.response.setHeader('set-cookie', this.#cookies);
    this.response.writeHead(status, headers);
  }

  /** A redirect without a body; without a Location too where that is undefined. */
  redirect(status: number, location: string | undefined): void {
    this.head('redirect', status, {
      'content-type': 'text/html; charset=UTF-8',
      'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
      'content-length': 0,
      ...(location === undefined ? {} : { location }),
    });
    this.response.end();
  }

  /** A whole HTML page. */
  page(status: number, html: string, headers: OutgoingHttpHeaders = {}, answer: AnswerKind = 'page'): void {
    this.head(answer, status, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': Buffer.byteLength(html),
      ...headers,
    });
    this.response.end(html);
  }

  /** A status without a body. */
  status(status: number, headers: OutgoingHttpHeaders = {}): void {
    this.head('status', status, { 'content-length': 0, ...headers });
    this.response.end();
  }

  /** Never answers; the connection stays as it is until somebody closes it. */
  stall(): void {
    this.response.socket?.setTimeout(0);
  }

  /** Ends the connection by a TCP reset. */
  reset(): void {
    this.response.socket?.resetAndDestroy();
  }

  /** Resolves when the response takes more bytes, or when nobody is there any more. */
  async drained(): Promise<void> {
    await once(this.response, 'drain', { signal: this.#gone.signal }).catch(() => undefined);
  }

  /** Waits for `ms` milliseconds, or until the connection is closed. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#gone.signal }).catch(() => undefined);
  }
}

/** A server of a stand-in, at an address of the loopback interface. */
export interface ExchangeServer {
  readonly port: number;
  /** Cuts every connection and frees the port. */
  close(): Promise<void>;
}

/**
 * Answers every request as an exchange, whose record joins `requests`.
 *
 * @param port 0: a free one
 * @throws The system's error when the port is not free.
 */
export async function serveExchanges(
  answer: (exchange: Exchange) => Promise<void>,
  { requests, now, port }: { requests: OpenRecord[]; now: () => number; port: number },
): Promise<ExchangeServer> {
  let concurrent = 0;
  const server = createServer((request, response) => {
    concurrent++;
    response.once('close', () => {
      concurrent--;
    });
    const record = recordRequest(request, now(), concurrent);
    requests.push(record);
    // A client that goes away in mid-body, or a file that cannot be read: the connection says it.
    answer(new Exchange(request, response, record)).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { AnswerKind, OpenRecord } from './requests.ts';

/** One request with its response and its record; the only place where a response's head is written. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: OpenRecord;
  readonly #cookies: string[] = [];

  constructor(request: IncomingMessage, response: ServerResponse, record: OpenRecord) {
    this.request = request;
    this.response = response;
    this.record = record;
    response.once('finish', () => {
      record.finished = true;
    });
    response.once('close', () => {
      record.closed = true;
    });
  }

  get closed(): boolean {
    return this.response.destroyed || this.response.socket?.destroyed === true;
  }

  setCookie(cookie: string): void {
    this.#cookies.push(cookie);
  }

  head(answer: AnswerKind, status: number, headers: OutgoingHttpHeaders): void {
    this.record.answer = answer;
    this.record.status = status;
    if (this.#cookies.length > 0) this.response.setHeader('set-cookie', this.#cookies);
    this.response.writeHead(status, headers);
  }

  redirect(status: number, location: string | undefined): void {
    this.head('redirect', status, {
      'content-type': 'text/html; charset=UTF-8',
      'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
      'content-length': 0,
      ...(location === undefined ? {} : { location }),
    });
    this.response.end();
  }

  page(status: number, html: string, headers: OutgoingHttpHeaders = {}, answer: AnswerKind = 'page'): void {
    this.head(answer, status, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': Buffer.byteLength(html),
      ...headers,
    });
    this.response.end(html);
  }

  status(status: number, headers: OutgoingHttpHeaders = {}): void {
    this.head('status', status, { 'content-length': 0, ...headers });
    this.response.end();
  }

  /** Never answers; the connection stays as it is until somebody closes it. */
  stall(): void {
    this.response.socket?.setTimeout(0);
  }

  reset(): void {
    this.response.socket?.resetAndDestroy();
  }

  /** Resolves when the response takes more bytes, or when nobody is there any more. */
  async drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        this.response.off('drain', done);
        this.response.off('close', done);
        resolve();
      };
      this.response.on('drain', done);
      this.response.on('close', done);
      if (this.closed) done();
    });
  }

  /** Waits so long, or until the connection is closed. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.response.off('close', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.response.on('close', done);
      if (this.closed) done();
    });
  }
}

import type { Dispatcher } from 'undici';
import { ownCodes } from './http-error.ts';
import type { Line } from './pace.ts';

/** Bytes that wait for the reader before the connection is told to pause. */
const WAITING_BYTES = 128 * 1024;

/** Answers of 1xx, which only announce another one, and milliseconds since the first of them: then none will come. */
const MOST_ANNOUNCEMENTS = 32;
const MOST_ANNOUNCING_MS = 60_000;

export interface HttpHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/**
 * One request's way through undici: its head as a promise, its body as an iterable. undici's own `request` makes a stream
 * for each body, which costs more than a thumbnail's bytes do.
 *
 * The law: `signal` ends it at any time, also while it waits for a connection; whoever leaves the body early closes the
 * connection. `errorOf` makes what is thrown of what undici says. A body that has become too slow by `pace` breaks.
 */
export class HttpExchange implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array> {
  readonly head: Promise<HttpHead>;
  readonly #signal: AbortSignal;
  readonly #errorOf: (cause: unknown) => unknown;
  readonly #pace: ReturnType<Line['body']>;
  #settleHead: (head: HttpHead) => void = () => {};
  #failHead: (error: unknown) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #chunks: Uint8Array[] = [];
  #waiting = 0;
  #wake: (() => void) | undefined;
  /** Bytes of an unwanted body that may still come; undefined while it is wanted. */
  #unwanted: number | undefined;
  #over: { readonly error?: unknown } | undefined;
  readonly #announced = { times: 0, since: 0 };

  constructor(signal: AbortSignal, errorOf: (cause: unknown) => unknown, pace: ReturnType<Line['body']>) {
    this.#signal = signal;
    this.#errorOf = errorOf;
    this.#pace = pace;
    this.head = new Promise((resolve, reject) => {
      this.#settleHead = resolve;
      this.#failHead = reject;
    });
    signal.addEventListener('abort', this.#onAbort);
  }

  /** Gives the body up; up to `limit` bytes are read in the background, so that the connection can be used again. */
  discard(limit: number): void {
    if (this.#over || this.#unwanted !== undefined) return;
    this.#unwanted = limit - this.#waiting;
    this.#chunks = [];
    this.#controller?.resume();
    this.#leaveWhenTooLong();
  }

  // What the reader calls.

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#waiting -= chunk.length;
        if (this.#waiting === 0) this.#controller?.resume();
        if (this.#pace.came(chunk.length)) this.#breakOff(ownCodes.tooSlow, 'too few bytes for too long');
        return { done: false, value: chunk };
      }
      if (this.#over?.error !== undefined) throw this.#over.error;
      if (this.#over || this.#unwanted !== undefined) return { done: true, value: undefined };
      this.#pace.waiting();
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#leave(new Error('the body is not wanted'));
    return { done: true, value: undefined };
  }

  // What undici calls; `onRequestStart` once more when a request found its connection closed before it was sent.

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error('given up before it was sent'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpHead['headers']): void {
    if (status >= 200) this.#settleHead({ status, headers });
    else this.#wasAnnounced();
  }

  /** Each announcement begins the wait for the headers anew, so their end is told here. */
  #wasAnnounced(): void {
    const announced = this.#announced;
    if (announced.times++ === 0) announced.since = performance.now();
    const waited = performance.now() - announced.since;
    if (announced.times <= MOST_ANNOUNCEMENTS && waited <= MOST_ANNOUNCING_MS) return;
    this.#breakOff(ownCodes.neverAnswered, `${announced.times} answers of 1xx, and none behind them`);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#unwanted !== undefined) {
      this.#unwanted -= chunk.length;
      this.#leaveWhenTooLong();
      return;
    }
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    if (this.#waiting >= WAITING_BYTES) controller.pause();
    this.#wakeReader();
  }

  onResponseEnd(): void {
    this.#end({});
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.#end({ error: this.#errorOf(cause) });
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#signal;
    this.#end({ error: reason });
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  };

  #leaveWhenTooLong(): void {
    if ((this.#unwanted ?? 0) < 0)
      this.#leave(new Error('the rest is longer than a new connection is worth'));
  }

  /** What came before is still the reader's. */
  #breakOff(code: string, said: string): void {
    if (this.#over) return;
    const cause = Object.assign(new Error(said), { code });
    this.#end({ error: this.#errorOf(cause) });
    this.#controller?.abort(cause);
  }

  #leave(reason: Error): void {
    if (this.#over) return;
    this.#end({});
    this.#controller?.abort(reason);
  }

  #end(how: { readonly error?: unknown }): void {
    if (this.#over) return;
    this.#over = how;
    this.#signal.removeEventListener('abort', this.#onAbort);
    // Bytes that came before are the reader's all the same.
    if (how.error !== undefined) this.#failHead(how.error);
    this.#wakeReader();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import type { SourceFailure } from '../../../domain/failure/source-failure.ts';
import { gatesOf } from '../../../domain/failure/source-gate.ts';
import { ShownSecrets } from '../../../domain/network/shown-secrets.ts';
import { noTokens, withToken } from '../../../domain/network/tokens.ts';
import {
  gatesWithout,
  noGates,
  noteAnswer,
  type ProbeNotes,
  probingGates,
  type RequestGates,
} from '../contract/request-gates.ts';
import { type HttpTimeouts, makeConnections, type NetworkSettings } from './connections.ts';
import { HttpExchange } from './exchange.ts';
import { Hosts } from './hosts.ts';
import { HttpError, ProxyAnswerError } from './http-error.ts';
import { Line } from './pace.ts';

/**
 * The project's only door to HTTP: one request, one response, nothing behind the caller's back. No retries (Temporal's), no
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
  /** The same by POST; without headers the body is an encoded form, as servers that sign people in want it. */
  post(
    url: URL,
    body: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly signal: AbortSignal },
  ): Promise<HttpResponse>;
  /** Why a host is not to be asked just now: its gate is closed, it rests, or it was not reached a moment ago. */
  refusal(host: string): Promise<SourceFailure | undefined>;
  /**
   * For whoever must look around between the wait for its turn and the request. `start`: the URL where the way to this one
   * began, if another one. @default {@link get} has its own turn
   */
  turn?(url: URL, signal: AbortSignal, start?: URL): Promise<Turn>;
  /** What was seen of the hosts that were asked, by all who ask with this client. */
  readonly hosts: Omit<Hosts, 'refusal'>;
  /** Told of every refusal. */
  readonly gates: RequestGates;
  /** Closes every connection, those in use too. */
  close(): Promise<void>;
}

/** The right to ask once, now. Whoever does not ask leaves it to others. */
export interface Turn {
  get(options: Parameters<HttpClient['get']>[1]): Promise<HttpResponse>;
  leave(): void;
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
  /**
   * The answer says that too much is asked of the host: fewer are asked at once from now on. Answers for how many
   * milliseconds it is to rest: 0 where others were asked at the same time, so that fewer may do. To be called before the
   * response is given up.
   */
  overasked?(): number;
  /** Gives the response up; a short body is read in the background, so that the connection can be used again. */
  discard(): void;
}

const defaultTimeouts: HttpTimeouts = { connect: 15_000, headers: 30_000, bodyIdle: 30_000 };

export interface HttpClientOptions {
  /** Connections per origin; further requests wait for one. */
  readonly connections: number;
  /** @default {@link defaultTimeouts} */
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Milliseconds of waiting for a body's bytes after which its pace is judged (`pace.ts`). @default a minute */
  readonly paceAfter?: number;
  /** @default straight to every host */
  readonly network?: NetworkSettings;
  /** Where requests for Google's hosts go instead, with their original Host header. Other hosts are left alone. */
  readonly googleOrigin?: string | undefined;
  /** @default none: everything may be asked */
  readonly gates?: RequestGates;
  /** Taken out of what is kept of refusals, here and by gates. @default none is known */
  readonly secrets?: ShownSecrets;
  /** Hears of every answer. @default nobody does */
  readonly onAnswer?: (seen: SeenAnswer) => void;
}

/** What an answer says beside what was asked for. */
export interface SeenAnswer {
  readonly host: string;
  /** Its Date header, as it came. */
  readonly date: string | undefined;
  /** Milliseconds of this machine's clock. */
  readonly askedAt: number;
}

const { name, version } = JSON.parse(
  readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
) as {
  readonly name: string;
  readonly version: string;
};

/** Names the project as what it is: a crawler that hides cannot be asked to slow down. */
const USER_AGENT = `${name}/${version}`;

interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly body?: string;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Bytes of an unwanted body that are cheaper to read than a new connection is to make. */
const WORTH_DRAINING = 64 * 1024;

export function makeHttpClient(options: HttpClientOptions): HttpClient {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const connections = makeConnections(options.connections, timeouts, options.network ?? {});
  const tokens = options.network?.tokens ?? noTokens;
  const line = new Line(options.paceAfter);
  const secrets = options.secrets ?? new ShownSecrets();
  const hosts = new Hosts(Date.now, secrets);
  const gates = gatesWithout(secrets, options.gates ?? noGates);

  const client = {
    async get(url: URL, { headers = {}, signal, body }: Asking): Promise<HttpResponse> {
      signal.throwIfAborted();
      // One signal for many files at once is what callers have; each request listens only while it lasts.
      setMaxListeners(0, signal);
      const rerouted = options.googleOrigin !== undefined && isGoogleHost(url.hostname);
      const target = rerouted ? new URL(`${options.googleOrigin}${url.pathname}${url.search}`) : url;
      const proxy = connections.proxyOf(target);
      const errorOf = (cause: unknown) => new HttpError(url.host, connections.explain(cause, target), proxy);
      const exchange = new HttpExchange(signal, errorOf, line.body());
      const host = rerouted ? { host: url.host } : {};
      const asked = withToken(tokens, target);
      const fields = { 'user-agent': USER_AGENT, ...headers, ...asked.headers, ...host };
      const askedAt = Date.now();
      connections.dispatch(asked.url, fields, exchange, body);
      const { status, headers: answered } = await exchange.head;
      if (status === 407 && proxy !== undefined) {
        exchange.discard(WORTH_DRAINING);
        throw errorOf(new ProxyAnswerError(status));
      }
      hosts.answered(url.host);
      options.onAnswer?.({ host: url.host, date: [answered.date].flat()[0], askedAt });
      const setCookie = answered['set-cookie'] ?? [];
      return {
        status,
        url,
        header: (field) => {
          const value = answered[field];
          return typeof value === 'string' ? value : value?.join(', ');
        },
        setCookies: typeof setCookie === 'string' ? [setCookie] : setCookie,
        body: exchange,
        discard: () => exchange.discard(WORTH_DRAINING),
      };
    },
    post: (url: URL, body: string, { headers = FORM, signal }: Asking): Promise<HttpResponse> =>
      client.get(url, { headers, signal, body }),
    refusal: async (host: string) => (await gates.refusal(host)) ?? hosts.refusal(host),
    hosts,
    gates,
    close: () => connections.close(),
  };
  return client;
}

/** The same client for a probe: behind its gate it asks also what rests, and what it is told goes into its notes. */
export function probing(http: HttpClient, notes: ProbeNotes): HttpClient {
  const gates = probingGates(http.gates, notes);
  return {
    ...http,
    gates,
    refusal: (host) => (gatesOf(host).includes(notes.gate) ? gates.refusal(host) : http.refusal(host)),
    get: async (url, options) => {
      const response = await http.get(url, options);
      noteAnswer(notes, url.host);
      return response;
    },
  };
}

/** Drive's own pages have some 20 KB. */
const MOST_PAGE_BYTES = 128 * 1024;

/** A page's text, or as much of it as fits: what comes in place of a file is not trusted to be short. */
export async function readPage(body: AsyncIterable<Uint8Array>, maxBytes = MOST_PAGE_BYTES): Promise<string> {
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

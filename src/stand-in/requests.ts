import type { IncomingMessage } from 'node:http';

/** What the stand-in saw of one request, and what it answered. */
export interface RecordedRequest {
  /** Milliseconds, of the stand-in's clock. */
  readonly at: number;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The Drive id or the mirror's path, when the request is for a file. */
  readonly file: string | undefined;
  readonly range: string | undefined;
  readonly ifMatch: string | undefined;
  readonly userAgent: string | undefined;
  readonly acceptEncoding: string | undefined;
  /** Names of the cookies that were sent; never their values. */
  readonly cookies: readonly string[];
  /** Whether an Authorization header was sent. */
  readonly authorization: boolean;
  /** Whether an API key was sent as a header. */
  readonly apiKey: boolean;
  /** Headers that name a resource key of a file. */
  readonly resourceKeys: string | undefined;
  /** Requests being answered when this one came, itself included. */
  readonly concurrent: number;
  /** HTTP status; 0 until there is an answer. */
  readonly status: number;
  readonly answer: AnswerKind;
  /** Bytes of the file that were sent. */
  readonly bytesSent: number;
  /** The response was sent to its end. */
  readonly finished: boolean;
  /** The request is over: sent to its end, or one side gave up. */
  readonly closed: boolean;
}

/** What a request got; `none`: no answer so far. */
export type AnswerKind = 'none' | 'redirect' | 'page' | 'confirm page' | 'status' | 'file';

/** A record that is still being written. */
export type OpenRecord = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] };

/** Begins the record of a request. `at`: milliseconds; `concurrent`: requests being answered, this one included. */
export function recordRequest(request: IncomingMessage, at: number, concurrent: number): OpenRecord {
  const { headers } = request;
  const host = (headers.host ?? '').toLowerCase();
  const url = new URL(request.url ?? '/', `http://${URL.canParse(`http://${host}/`) ? host : 'unknown'}`);
  return {
    at,
    host,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    file: undefined,
    range: headers.range,
    ifMatch: headers['if-match'],
    userAgent: headers['user-agent'],
    acceptEncoding: headers['accept-encoding']?.toString(),
    cookies: Object.keys(cookiesOf(request)),
    authorization: headers.authorization !== undefined,
    apiKey: headers['x-goog-api-key'] !== undefined,
    resourceKeys: headers['x-goog-drive-resource-keys']?.toString(),
    concurrent,
    status: 0,
    answer: 'none',
    bytesSent: 0,
    finished: false,
    closed: false,
  };
}

/** The request's cookies by name. */
export function cookiesOf(request: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return Object.fromEntries(
    pairs.filter(([name]) => name).map(([name, ...value]) => [name, value.join('=')]),
  );
}

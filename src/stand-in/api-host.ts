import { createHash } from 'node:crypto';
import { pacificDay } from '../domain/flow/pacific-day.ts';
import { answeredInPlaceOfBytes, answeredStatus } from './answers.ts';
import type { BehaviourBook } from './behaviours.ts';
import type { Exchange } from './exchange.ts';
import type { StandInFile, StandInFiles } from './files.ts';
import { sorryPage } from './pages.ts';
import { driveHeaders, sendFile } from './send-file.ts';

export const API_HOST = 'www.googleapis.com';

/** Whom the API lets in, and how much they get. Times are milliseconds of the stand-in's clock. */
export interface ApiOptions {
  /** The only key that is taken. @default any */
  readonly key?: string;
  /** Which tokens hold. @default those that the stand-in gave itself */
  readonly isToken?: (token: string) => boolean;
  /** More than so many requests within the window are refused. `how`: userRateLimitExceeded, or 429. @default never */
  readonly rate?: {
    readonly requests: number;
    readonly withinMs: number;
    readonly how: 403 | 429;
    readonly retryAfter?: string;
  };
  /** Bytes of a day, Pacific time; then every file is refused. @default without end */
  readonly egress?: number;
  /** By a folder's id, the ids of the files in it. @default none can be listed */
  readonly folders?: ReadonlyMap<string, readonly string[]>;
}

interface ApiError {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly domain?: string | undefined;
  readonly retryAfter?: string | undefined;
  readonly body?: 'json' | 'empty' | 'invalid' | 'html' | undefined;
}

/** Google's API as a download meets it: `files/ID`, with `alt=media` its bytes, without its size and MD5. */
export class ApiHost {
  readonly #files: StandInFiles;
  readonly #book: BehaviourBook;
  readonly #options: ApiOptions;
  readonly #now: () => number;
  #times: number[] = [];
  /** The day's answers with bytes. */
  #given: { readonly day: string; readonly records: { readonly bytesSent: number }[] } = {
    day: '',
    records: [],
  };

  constructor(files: StandInFiles, book: BehaviourBook, options: ApiOptions, now: () => number) {
    this.#files = files;
    this.#book = book;
    this.#options = options;
    this.#now = now;
  }

  async answer(exchange: Exchange): Promise<void> {
    const [, id = ''] = /^\/drive\/v3\/files\/([^/]+)$/.exec(exchange.record.path) ?? [];
    const listed = exchange.record.path === '/drive/v3/files' ? exchange.record.query.q : undefined;
    exchange.record.file = id;
    const refusal = this.#refusesWho(exchange) ?? this.#refusesRate();
    if (refusal) return answerError(exchange, refusal);
    if (listed !== undefined) return this.#answerListing(exchange, listed);
    const behaved = this.#book.at(['api'], id);
    const error = behaved.find('api-error');
    if (error) return answerError(exchange, error);
    const redirect = behaved.find('api-redirect');
    if (redirect) return exchange.redirect(302, redirect.to);
    const file = this.#files.get(id);
    if (!file) return answerError(exchange, { status: 404, reason: 'notFound' });
    if (exchange.record.query.alt !== 'media') {
      const { size = file.size, md5 = await md5Of(file) } = behaved.find('metadata') ?? {};
      return answerJson(exchange, 200, { size: String(size), md5Checksum: md5 });
    }
    if (this.#isSpent()) return answerError(exchange, { status: 403, reason: 'dailyLimitExceeded' });
    const active = this.#book.at(['bytes'], id);
    if (answeredStatus(exchange, active) || answeredInPlaceOfBytes(exchange, active)) return;
    if (this.#options.egress !== undefined) this.#given.records.push(exchange.record);
    await sendFile(exchange, file, active, (found) => {
      const { 'content-disposition': _, ...headers } = driveHeaders(found, active);
      return headers;
    });
  }

  /** The files of a name in a folder, by the one query that the client asks. */
  async #answerListing(exchange: Exchange, query: string): Promise<void> {
    const [, folder = '', name] = /^'([\w-]+)' in parents and name = '([^']+)'/.exec(query) ?? [];
    const ids = this.#options.folders?.get(folder);
    if (!ids) return answerError(exchange, { status: 404, reason: 'notFound' });
    const files: unknown[] = [];
    for (const id of ids) {
      const file = this.#files.get(id);
      if (file?.name !== name || !file) continue;
      files.push({ id, name, size: String(file.size), md5Checksum: await md5Of(file) });
    }
    answerJson(exchange, 200, { files });
  }

  #refusesWho({ request }: Exchange): ApiError | undefined {
    const { authorization, 'x-goog-api-key': key } = request.headers;
    const { key: wanted = key, isToken = () => true } = this.#options;
    if (authorization !== undefined) {
      const isHolding = isToken(authorization.replace(/^Bearer /, ''));
      return isHolding ? undefined : { status: 401, reason: 'authError' };
    }
    if (key === undefined) return { status: 403, reason: 'dailyLimitExceededUnreg', domain: 'usageLimits' };
    return key === wanted ? undefined : { status: 400, reason: 'keyInvalid', domain: 'usageLimits' };
  }

  #refusesRate(): ApiError | undefined {
    const { rate } = this.#options;
    if (rate === undefined) return undefined;
    this.#times = this.#times.filter((time) => time > this.#now() - rate.withinMs);
    if (this.#times.length < rate.requests) {
      this.#times.push(this.#now());
      return undefined;
    }
    const reason = rate.how === 403 ? 'userRateLimitExceeded' : 'rateLimitExceeded';
    return { status: rate.how, reason, domain: 'usageLimits', retryAfter: rate.retryAfter };
  }

  #isSpent(): boolean {
    if (this.#options.egress === undefined) return false;
    const day = pacificDay(this.#now());
    if (day !== this.#given.day) this.#given = { day, records: [] };
    const bytes = this.#given.records.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
    return bytes >= this.#options.egress;
  }
}

/** Google's envelope, or what comes in its place at times. */
function answerError(
  exchange: Exchange,
  { status, reason = 'unknown', domain = 'global', retryAfter, body = 'json' }: ApiError,
): void {
  const headers = {
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="https://accounts.google.com/"' } : {}),
  };
  switch (body) {
    case 'json': {
      const message = 'A message for people, in which quota and keyInvalid are only words.';
      const errors = [{ domain, reason, message }];
      answerJson(exchange, status, { error: { errors, code: status, message } }, headers);
      break;
    }
    case 'empty':
      exchange.status(status, headers);
      break;
    case 'invalid':
      answerText(exchange, status, '{"error":{"errors":[{"reason":"downloadQuotaExc', headers);
      break;
    case 'html':
      exchange.page(status, sorryPage, { server: 'GFE/2.0', ...headers });
      break;
    default:
      body satisfies never;
  }
}

function answerJson(
  exchange: Exchange,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerText(exchange, status, JSON.stringify(value), headers);
}

function answerText(
  exchange: Exchange,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  const type = { 'content-type': 'application/json; charset=UTF-8' };
  exchange.head('status', status, { ...type, 'content-length': Buffer.byteLength(text), ...headers });
  exchange.response.end(text);
}

async function md5Of(file: StandInFile): Promise<string> {
  const hash = createHash('md5');
  const opened = file.open(0, file.size);
  for await (const chunk of opened instanceof Uint8Array ? [opened] : opened) hash.update(chunk);
  return hash.digest('hex');
}

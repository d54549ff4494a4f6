import { type SourceFailure, sourceFailure } from '../../../domain/failure/source-failure.ts';
import { isWord } from '../../../domain/network/google-keys.ts';
import { parsedJson } from '../../../domain/parsed-json.ts';
import { HOUR, MINUTE, SECOND } from '../../../domain/run/time-units.ts';
import { type HttpClient, readPage } from '../http/client.ts';
import { HttpError, transportFailure } from '../http/http-error.ts';
import { httpDate, retryAfterMs } from '../http/retry-after.ts';

/** Where tokens come from. */
const TOKEN_URL = new URL('https://oauth2.googleapis.com/token');

/** An answer with a token has some 2 KB. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** For one question, whatever drips. */
export const MOST_ANSWER_MS = MINUTE;

/** A token without a lifetime, or with an absurd one, is Google's usual one. */
const USUAL_LIFETIME_MS = HOUR;

/** Sends a form to the sign-in server; throws {@link SignInRefusal} for what is no success. */
export type SendForm = (url: URL, form: string) => Promise<SignInAnswer>;

interface SignInAnswer {
  readonly status: number;
  /** Parsed; undefined where it is no JSON. */
  readonly json: unknown;
  /** How far our clock is ahead of the server's, in milliseconds, where the server told its own. */
  readonly aheadMs: number | undefined;
  /** The wait that it named. */
  readonly retryAfterMs: number | undefined;
}

/** The sign-in server said no. Its words are left out: they may repeat what was sent. */
class SignInRefusal extends Error {
  override readonly name = 'SignInRefusal';
  readonly answer: SignInAnswer;

  constructor(answer: SignInAnswer) {
    super(`POST [host=${TOKEN_URL.host}]: expected a token, got status ${answer.status}`);
    this.answer = answer;
  }
}

export interface Tokens {
  readonly accessToken: string;
  /** From when it was given. */
  readonly lifetimeMs: number;
  /** Of a sign-in that stays. */
  readonly refreshToken?: string;
  /** What it may be used for, where the server says so. */
  readonly scopes?: readonly string[];
}

export type AskedTokens =
  | { readonly status: 'given'; readonly tokens: Tokens }
  /** `code`: one of OAuth's own words, such as `invalid_grant`, or the status. */
  | { readonly status: 'refused'; readonly code: string; readonly aheadMs: number | undefined }
  /** Another question, later, may be answered. */
  | { readonly status: 'failed'; readonly failure: SourceFailure };

/** Asks for tokens, once. Only the caller's own abort is thrown. */
export async function askForTokens(
  http: HttpClient,
  signal: AbortSignal,
  ask: (send: SendForm) => Promise<unknown>,
): Promise<AskedTokens> {
  const resting = await http.refusal(TOKEN_URL.host);
  if (resting !== undefined) return { status: 'failed', failure: resting };
  const begunAt = Date.now();
  const inTime = AbortSignal.timeout(MOST_ANSWER_MS);
  try {
    const tokens = tokensOf(await ask(formSender(http, AbortSignal.any([signal, inTime]))));
    return tokens === undefined ? passing('an answer without a token') : { status: 'given', tokens };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SignInRefusal) return meaningOf(error.answer);
    if (inTime.aborted) return passing(`no answer within ${MOST_ANSWER_MS / SECOND} s`);
    if (!(error instanceof HttpError)) throw error;
    return { status: 'failed', failure: notReached(http, begunAt, error) };
  }
}

/** A failure that nobody's credential is to blame for. */
export function passing(got: string, waitMs?: number): AskedTokens & { readonly status: 'failed' } {
  const detail = `sign-in [host=${TOKEN_URL.host}]: expected a token, got ${got}`;
  return { status: 'failed', failure: sourceFailure('sign-in', detail, waitMs) };
}

function formSender(http: HttpClient, signal: AbortSignal): SendForm {
  return async (url, form) => {
    const response = await http.post(url, form, { signal });
    const askedAt = Date.now();
    const text = await readPage(response.body, MOST_ANSWER_BYTES);
    const theirs = httpDate(response.header('date') ?? '');
    const answer = {
      status: response.status,
      json: parsedJson(text),
      aheadMs: Number.isNaN(theirs) ? undefined : askedAt - theirs,
      retryAfterMs: retryAfterMs(response),
    };
    if (response.status < 200 || response.status > 299) throw new SignInRefusal(answer);
    return answer;
  };
}

function meaningOf({ status, json, aheadMs, retryAfterMs: waitMs }: SignInAnswer): AskedTokens {
  const error = fieldOf(json, 'error');
  const code = typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : undefined;
  // A page in place of JSON is somebody's on the way, or Google's own front end: it passes.
  if (status >= 500 || status === 429 || status === 408 || code === undefined)
    return passing(`status ${status}`, waitMs);
  return { status: 'refused', code, aheadMs };
}

function notReached(http: HttpClient, begunAt: number, error: HttpError): SourceFailure {
  const { detail, ...rest } = transportFailure(error);
  const failure = { ...rest, detail: detail.replace(/^GET /, 'POST ') };
  // Without tokens there is nothing to go on with, whoever answers elsewhere.
  if (failure.reason === 'network-down') return http.hosts.unreached(TOKEN_URL.host, begunAt, failure, true);
  return failure.reason === 'proxy-login' ? failure : { ...failure, reason: 'sign-in' };
}

/** What the library made of an answer: anything at all. */
function tokensOf(answer: unknown): Tokens | undefined {
  const accessToken = fieldOf(answer, 'access_token');
  if (!isWord(accessToken)) return undefined;
  const until = fieldOf(answer, 'expiry_date');
  const lifetimeMs = typeof until === 'number' ? until - Date.now() : Number.NaN;
  const refreshToken = fieldOf(answer, 'refresh_token');
  const scope = fieldOf(answer, 'scope');
  return {
    accessToken,
    lifetimeMs: lifetimeMs > 0 && lifetimeMs <= 24 * HOUR ? lifetimeMs : USUAL_LIFETIME_MS,
    ...(isWord(refreshToken) ? { refreshToken } : {}),
    ...(typeof scope === 'string' ? { scopes: scope.split(' ') } : {}),
  };
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
}

import {
  type SourceFailure,
  type SourceFailureReason,
  sourceFailure,
} from '../../../domain/failure/source-failure.ts';
import { proxyName } from '../../../domain/network/proxies.ts';

/** No response, or a body that broke. `code` is Node's, undici's or one of {@link ownCodes}. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: string;
  /** The host that was asked for. */
  readonly host: string;
  /** Nobody answered at the proxy on the way there: nothing was learnt of the host. */
  readonly isOfProxy: boolean;

  /** @param proxy through which the host was asked */
  constructor(host: string, cause: unknown, proxy?: URL) {
    const code = codeOf(cause);
    const way = proxy === undefined ? '' : ` proxy=${proxyName(proxy)}`;
    const words = adviceFor(code) ?? told(cause);
    super(`GET [host=${host}${way}]: expected a response, got ${code} (${words})${hint(code)}`, { cause });
    this.code = code;
    this.host = host;
    this.isOfProxy = cause instanceof ProxyUnreachableError;
  }
}

/** What no library has a code for. */
export const ownCodes = {
  /** A body that came too slowly for too long: `pace.ts`. */
  tooSlow: 'TOO_SLOW',
  /** So many answers that announce another one that none of them is. */
  neverAnswered: 'NEVER_ANSWERED',
  /** The proxy wants another user name and password, or any. */
  proxyLogin: 'PROXY_LOGIN',
  /** The proxy answered, but did not lead on to the host. */
  proxyRefused: 'PROXY_REFUSED',
} as const;

/** A proxy that answered something else than the way to the host. */
export class ProxyAnswerError extends Error {
  override readonly name = 'ProxyAnswerError';
  readonly code: string;

  constructor(status: number) {
    super(`the proxy answered with status ${status}`);
    this.code = status === 407 ? ownCodes.proxyLogin : ownCodes.proxyRefused;
  }
}

/** The proxy closed the connection, or sent something else, before it had answered. */
export class ProxyBrokenError extends Error {
  override readonly name = 'ProxyBrokenError';
  readonly code = ownCodes.proxyRefused;

  constructor(cause: unknown) {
    super(`the proxy gave no answer: ${codeOf(cause)} (${told(cause)})`, { cause });
  }
}

/** Nobody answered at the proxy's own address. */
export class ProxyUnreachableError extends Error {
  override readonly name = 'ProxyUnreachableError';
  readonly code: string;

  constructor(cause: unknown) {
    super(told(cause), { cause });
    this.code = codeOf(cause);
  }
}

/** What a failed `get` or a broken body means by itself; anything but an {@link HttpError} is thrown on. */
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
  ownCodes.proxyRefused,
]);

/** Codes of certificates that are not believed: nobody reached the host in question. */
const NOT_THE_HOST = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH)/;

/** Nobody was reached: nothing of it is any file's fault. */
export function isNoConnection(code: string, cause: unknown): boolean {
  if (NO_CONNECTION.has(code) || NOT_THE_HOST.test(code)) return true;
  // Node's own, when it gave up on every address of a host: all of them are errors of connecting.
  if (attemptsOf(cause).length > 0) return true;
  return code === 'ETIMEDOUT' && textOf(cause, 'syscall') === 'connect';
}

function reasonOf({ code, cause }: HttpError): SourceFailureReason {
  const root = cause instanceof ProxyUnreachableError ? cause.cause : cause;
  if (isNoConnection(code, root)) return 'network-down';
  // undici gives these no code of their own; the parser's reason for an end in mid-message is "Invalid EOF state".
  if (textOf(root, 'name') === 'HTTPParserError') {
    return /\bEOF\b/.test(textOf(root, 'message') ?? '') ? 'short-body' : 'server-error';
  }
  switch (code) {
    case ownCodes.proxyLogin:
      return 'proxy-login';
    case ownCodes.tooSlow:
      return 'too-slow';
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
    case 'ETIMEDOUT':
      return 'timeout';
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return 'short-body';
    case 'UND_ERR_HEADERS_OVERFLOW':
    case ownCodes.neverAnswered:
      return 'server-error';
    default:
      return 'connection';
  }
}

function codeOf(cause: unknown): string {
  return textOf(cause, 'code') ?? textOf(cause, 'name') ?? 'UNKNOWN';
}

/** The cause's words; of an AggregateError, which has none, those of every address that was tried. */
function told(cause: unknown): string {
  const attempts = attemptsOf(cause);
  if (attempts.length > 0) return attempts.map(toldAttempt).join(', ');
  return textOf(cause, 'message') ?? String(cause);
}

function toldAttempt(error: unknown): string {
  const address = textOf(error, 'address');
  if (address === undefined) return textOf(error, 'message') ?? String(error);
  const port = String(Reflect.get(Object(error), 'port'));
  return `${codeOf(error)} ${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function attemptsOf(cause: unknown): readonly unknown[] {
  return cause instanceof AggregateError ? cause.errors : [];
}

/** What a person may have overlooked. */
function hint(code: string): string {
  return code === 'ENOTFOUND' ? ': wrong host?' : '';
}

/** In place of Node's words, which speak of Node's own flags. */
function adviceFor(code: string): string | undefined {
  if (!/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code)) return undefined;
  return "a certificate of a CA that is not known here; a company's own is given with --ca-file";
}

function textOf(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text: unknown = Reflect.get(value, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

import { isGoogleHost } from '../dataset/allowed-hosts.ts';

/** Bytes of a cookie file: a browser's export of every site has some hundred KB. */
export const MOST_COOKIE_FILE = 1024 ** 2;
const MOST_LINES = 10_000;
/** Of Google's cookies alone, which all go into one header. */
const MOST_COOKIES = 100;
const MOST_COOKIE_BYTES = 16 * 1024;
/** Characters; shorter values are settings (`en`, `YES`), and words of ours. */
const LEAST_SECRET = 16;

interface SavedCookie {
  readonly name: string;
  readonly value: string;
  /** Lower case, without a dot in front. */
  readonly domain: string;
  /** Of hosts below the domain too. */
  readonly isWide: boolean;
  readonly path: string;
  /** Milliseconds; undefined: it ends with the browser's session, which nobody here knows of. */
  readonly expiresAt: number | undefined;
}

/**
 * Google's cookies out of a file that a browser has written: whoever has them is the account. They go to https, to hosts
 * that their own domain covers, and nowhere else; nothing that prints this object prints them.
 */
export class SavedCookies {
  readonly #cookies: readonly SavedCookie[];

  constructor(cookies: readonly SavedCookie[]) {
    // Of cookies with one name the one that was made for fewer hosts counts.
    this.#cookies = [...cookies].sort((one, other) => one.domain.length - other.domain.length);
  }

  /** What tells whose account it is: for whoever sees to it that nothing shows it. */
  get secrets(): readonly string[] {
    return this.#cookies.map(({ value }) => value).filter(({ length }) => length >= LEAST_SECRET);
  }

  /** By name; `now`: milliseconds. */
  for({ protocol, hostname, pathname }: URL, now: number): ReadonlyMap<string, string> {
    const fitting = this.#cookies.filter(
      (cookie) =>
        protocol === 'https:' &&
        covers(cookie, hostname) &&
        isBelow(cookie.path, pathname) &&
        isFresh(cookie, now),
    );
    return new Map(fitting.map(({ name, value }) => [name, value]));
  }
}

function covers({ domain, isWide }: SavedCookie, hostname: string): boolean {
  return hostname === domain || (isWide && hostname.endsWith(`.${domain}`));
}

function isBelow(path: string, pathname: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}

function isFresh({ expiresAt }: SavedCookie, now: number): boolean {
  return expiresAt === undefined || now < expiresAt;
}

export type CookieFile = SavedCookies | { readonly problem: string };

/**
 * Reads a cookie file in Netscape format: lines of domain, whether hosts below it get it, path, whether by https alone,
 * expiry in seconds, name and value, with tabs between them. Lines of other sites are passed over. A problem ("expected
 * ..., got ...") names a line and never repeats it.
 *
 * @param now milliseconds: what has expired by then is of no use
 */
export function parseCookieFile(text: string, now: number): CookieFile {
  const body = text.replace(/^\ufeff/, '');
  if (/^\s*[[{]/.test(body)) return problem('a cookie file in Netscape format (cookies.txt)', 'JSON');
  const lines = body.split('\n', MOST_LINES + 1);
  if (lines.length > MOST_LINES) return problem(`at most ${MOST_LINES} lines`, 'more');
  const cookies: SavedCookie[] = [];
  for (const [nth, line] of lines.entries()) {
    const found = cookieOf(line.replace(/\r$/, ''));
    if (typeof found === 'string') return { problem: `${found} in line ${nth + 1}` };
    if (found !== undefined) cookies.push(found);
    if (cookies.length > MOST_COOKIES) return problem(`at most ${MOST_COOKIES} cookies of Google's`, 'more');
  }
  if (cookies.length === 0) return problem('cookies of google.com', 'none');
  const bytes = cookies.reduce((sum, { name, value }) => sum + name.length + value.length + 3, 0);
  if (bytes > MOST_COOKIE_BYTES)
    return problem(`at most ${MOST_COOKIE_BYTES} bytes of Google's cookies`, String(bytes));
  if (cookies.every((cookie) => !isFresh(cookie, now)))
    return problem(
      'cookies that are still good',
      `${cookies.length} of Google's, all expired: export them again`,
    );
  return new SavedCookies(cookies);
}

function problem(expected: string, got: string): { readonly problem: string } {
  return { problem: `expected ${expected}, got ${got}` };
}

/** Undefined: it is none of Google's. A text: what is wrong with it. */
function cookieOf(line: string): SavedCookie | string | undefined {
  const ofScripts = '#HttpOnly_';
  const rest = line.startsWith(ofScripts) ? line.slice(ofScripts.length) : line;
  if (rest.trim() === '' || rest.startsWith('#')) return undefined;
  const fields = rest.split('\t', 8);
  if (fields.length !== 7 && fields.length !== 6)
    return `expected 7 fields with tabs between them, got ${fields.length}`;
  const [host = '', wide = '', path = '', , expiry = '', name = '', value = ''] = fields;
  const domain = host.toLowerCase().replace(/^\./, '');
  const isWide = /^true$/i.test(wide);
  // Below googleusercontent.com lies what anybody has put there.
  if (!isGoogleHost(domain) || (isWide && !/(^|\.)google\.com$/.test(domain))) return undefined;
  if (value === '') return undefined;
  if (!/^[\w!#$%&'*+.^`|~-]{1,256}$/.test(name)) return "expected a cookie's name, got something else";
  if (!/^[\x21-\x3a\x3c-\x7e]{1,4096}$/.test(value))
    return "expected a cookie's value of at most 4096 printable characters, got something else";
  if (!/^\/[\x21-\x7e]{0,255}$/.test(path)) return 'expected a path, got something else';
  if (!/^(-1|\d{1,12}(\.\d{1,9})?)?$/.test(expiry))
    return 'expected an expiry in seconds, got something else';
  const seconds = Number(expiry);
  return { name, value, domain, isWide, path, expiresAt: seconds > 0 ? seconds * 1000 : undefined };
}

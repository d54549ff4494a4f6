/**
 * Secrets that servers ask for, from a worker's own environment: requests stay readable in the workflow's history, so no
 * URL there may hold one. Each is bound to its server here, so that whoever may start a run cannot ask for it to be sent
 * elsewhere.
 *
 * `FFHQ_TOKENS` lists `[https://]HOST[:PORT]=TOKEN`, separated by white space. A token is sent as `Authorization: Bearer
 * TOKEN`; `basic:USER:PASSWORD` (percent-encoded where need be) as `Authorization: Basic`; one that begins with `?` is added to
 * the query. By plain http only where the entry itself begins with `http://`.
 */

import { base64 } from './base64.ts';

const VARIABLE = 'FFHQ_TOKENS';

/** By origin, as URLs spell it. */
export type Tokens = ReadonlyMap<string, string>;

export const noTokens: Tokens = new Map();

/** Reads the variable; an entry that cannot be used becomes a problem, which does not repeat it. */
export function readTokens(env: Readonly<Record<string, string | undefined>>): {
  readonly tokens: Tokens;
  readonly problems: readonly string[];
} {
  const tokens = new Map<string, string>();
  const problems: string[] = [];
  const entries = (env[VARIABLE] ?? '').split(/\s+/).filter((entry) => entry !== '');
  for (const [nth, entry] of entries.entries()) {
    const at = entry.indexOf('=');
    const [server, token] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
    const url = /^https?:\/\//i.test(server) ? server : `https://${server}`;
    const isServer = URL.canParse(url) && /^[^/?#@]+\/?$/.test(url.replace(/^https?:\/\//i, ''));
    const isToken = /^[\x21-\x7e]+$/.test(token) && (!isBasic(token) || loginOf(token) !== undefined);
    if (at > 0 && isServer && isToken) tokens.set(new URL(url).origin, token);
    else
      problems.push(
        `environment [${VARIABLE}, entry ${nth + 1}]: expected [https://]HOST[:PORT]=TOKEN${isBasic(token) ? ', with TOKEN as basic:USER:PASSWORD' : ''}`,
      );
  }
  return { tokens, problems };
}

/** What is really asked for in place of a URL, by the token that its server has, if any. */
export function withToken(
  tokens: Tokens,
  url: URL,
): { readonly url: URL; readonly headers: Readonly<Record<string, string>> } {
  const token = tokens.get(url.origin);
  if (token === undefined) return { url, headers: {} };
  const login = loginOf(token);
  if (login !== undefined) return { url, headers: { authorization: `Basic ${base64(login.join(':'))}` } };
  if (!token.startsWith('?')) return { url, headers: { authorization: `Bearer ${token}` } };
  const asked = new URL(url);
  asked.search = asked.search === '' ? token : `${asked.search}&${token.slice(1)}`;
  return { url: asked, headers: {} };
}

/** Every text that a token, or what is sent of it, can be told by. */
export function secretsOfToken(token: string): readonly string[] {
  if (token.startsWith('?')) return secretsOfQuery(token);
  const login = loginOf(token);
  if (login === undefined) return [token];
  const [user, password] = login;
  return [password, token.slice(token.indexOf(':', BASIC.length) + 1), base64(`${user}:${password}`)];
}

/** As it was given, as a URL spells it, and as servers read it: names too, since one may stand there without a value. */
function secretsOfQuery(token: string): readonly string[] {
  const { search } = new URL(token, 'https://a.example');
  const raw = [token, search].map((text) => text.slice(1));
  const parts = raw.flatMap((text) => text.split(/[&=]/));
  const read = [...new URLSearchParams(token)].flat();
  return [...new Set([...raw, ...parts, ...parts.map(decoded), ...read])];
}

/** A plus sign stays one, as servers of files read it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const BASIC = 'basic:';

function isBasic(token: string): boolean {
  return token.startsWith(BASIC);
}

/** User and password of a token that is both; undefined: it is not. */
function loginOf(token: string): readonly [user: string, password: string] | undefined {
  const [, user, password] = /^basic:([^:]+):(.+)$/.exec(token) ?? [];
  if (user === undefined || password === undefined) return undefined;
  try {
    const login = [decodeURIComponent(user), decodeURIComponent(password)] as const;
    // A colon ends the user's name; what controls a terminal or a header is in no password.
    return /[:\p{Cc}]/u.test(login[0]) || /\p{Cc}/u.test(login[1]) ? undefined : login;
  } catch {
    return undefined;
  }
}

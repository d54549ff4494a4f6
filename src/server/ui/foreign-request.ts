import type { IncomingHttpHeaders } from 'node:http';

/** What of a request tells where it comes from. */
export interface Asked {
  readonly method?: string | undefined;
  /** The target as it was sent: a path, where nobody means something else by it. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Names that only lead to this machine; a page that has its own name lead here (DNS rebinding) still sends its own. */
const OWN_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Why a request to a page of this machine is not one of its user's own browser tab or tools; undefined: it is. Any port is
 * taken, as a tunnel may end at another one.
 */
export function foreignRequest({ method = 'GET', url = '/', headers }: Asked): string | undefined {
  const { host, origin } = headers;
  // A whole URL there would name another host than the one that is looked at.
  if (!url.startsWith('/')) return `expected a path, got ${JSON.stringify(url)}`;
  // What a server takes for no body is the next request to it, which nobody has looked at.
  if (!WITH_BODY.has(method) && hasBody(headers)) return `expected no body with ${method}, got one`;
  const name = host === undefined ? undefined : nameOf(host);
  if (name === undefined || !OWN_NAMES.has(name))
    return `expected the host 127.0.0.1 or localhost, got ${JSON.stringify(host ?? '')}`;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase())
    return `expected no page but its own to ask, got ${JSON.stringify(origin)}`;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  // A link to it that stands elsewhere may be followed, in a tab of its own.
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (isLink && method === 'GET') return undefined;
  return `expected no page but its own to ask, got one that is ${JSON.stringify(site)}`;
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

function nameOf(host: string): string | undefined {
  return /^(\[[0-9a-f:.]*\]|[^:[\]]+)(?::\d+)?$/i.exec(host)?.[1]?.toLowerCase();
}

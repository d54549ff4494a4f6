import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import type { SavedCookies } from '../../../domain/network/cookie-file.ts';
import type { CookieJar } from '../http/walk.ts';

/** What a stranger may make us remember and send. */
const MAX_COOKIES = 40;
const MAX_COOKIE_LENGTH = 4096;

/**
 * Google's confirmation used to hang on a cookie set by one of its hosts and wanted by the next, so hosts of google.com
 * share theirs. A host below googleusercontent.com (where anybody's content lies) gets back its own only, and every
 * other host none.
 *
 * @param saved the user's own, which a walk begins with. Once it was at a host that is not Google's, or on a line without
 * TLS, somebody else has a say in where it leads, and they are sent no more.
 */
export function makeCookieJar(saved?: SavedCookies): CookieJar {
  const sites = new Map<string, Map<string, string | undefined>>();
  let wasElsewhere = false;
  return {
    store(url, setCookies) {
      const site = siteOf(url);
      if (site === undefined) return;
      const cookies = sites.get(site) ?? new Map<string, string | undefined>();
      sites.set(site, cookies);
      for (const line of setCookies) {
        const match = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*([\x21-\x3a\x3c-\x7e]*)\s*(?:;|$)/.exec(line);
        if (!match || line.length > MAX_COOKIE_LENGTH) continue;
        const [, name = '', value = ''] = match;
        if (/;\s*max-age\s*=\s*(0|-\d+)\s*(;|$)/i.test(line)) setIfRoom(cookies, name, undefined);
        else setIfRoom(cookies, name, value);
      }
    },
    headerFor(url) {
      const site = siteOf(url);
      wasElsewhere ||= site === undefined || url.protocol !== 'https:';
      if (site === undefined) return undefined;
      const cookies = new Map<string, string | undefined>([
        ...(wasElsewhere ? [] : (saved?.for(url, Date.now()) ?? [])),
        ...(sites.get(site) ?? []),
      ]);
      const pairs = [...cookies].flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      );
      return pairs.length === 0 ? undefined : pairs.join('; ');
    },
  };
}

/** Undefined: it is not sent, though the user's own has that name. */
function setIfRoom(cookies: Map<string, string | undefined>, name: string, value: string | undefined): void {
  if (cookies.size < MAX_COOKIES || cookies.has(name)) cookies.set(name, value);
}

function siteOf({ hostname }: URL): string | undefined {
  if (!isGoogleHost(hostname)) return undefined;
  return hostname.endsWith('.google.com') ? 'google.com' : hostname;
}

import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import type { CookieJar } from '../http/walk.ts';

/** What a stranger may make us remember and send. */
const MAX_COOKIES = 40;
const MAX_COOKIE_LENGTH = 4096;

/**
 * Google's confirmation used to hang on a cookie set by one of its hosts and wanted by the next, so hosts of google.com
 * share theirs. A host below googleusercontent.com (where anybody's content lies) gets back its own only, and every
 * other host none.
 */
export function makeCookieJar(): CookieJar {
  const sites = new Map<string, Map<string, string>>();
  return {
    store(url, setCookies) {
      const site = siteOf(url);
      if (site === undefined) return;
      const cookies = sites.get(site) ?? new Map<string, string>();
      sites.set(site, cookies);
      for (const line of setCookies) {
        const match = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*([\x21-\x3a\x3c-\x7e]*)\s*(?:;|$)/.exec(line);
        if (!match || line.length > MAX_COOKIE_LENGTH) continue;
        const [, name = '', value = ''] = match;
        if (/;\s*max-age\s*=\s*(0|-\d+)\s*(;|$)/i.test(line)) cookies.delete(name);
        else if (cookies.size < MAX_COOKIES || cookies.has(name)) cookies.set(name, value);
      }
    },
    headerFor(url) {
      const cookies = sites.get(siteOf(url) ?? '');
      if (!cookies || cookies.size === 0) return undefined;
      return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    },
  };
}

function siteOf({ hostname }: URL): string | undefined {
  if (!isGoogleHost(hostname)) return undefined;
  return hostname.endsWith('.google.com') ? 'google.com' : hostname;
}

import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import { gatesOf } from '../../../domain/failure/source-gate.ts';
import type { SavedCookies } from '../../../domain/network/cookie-file.ts';
import { leadsToFile } from '../../../domain/network/drive-file.ts';
import type { CookieJar } from '../http/walk.ts';

/** What a stranger may make us remember and send. */
const MAX_COOKIES = 40;
const MAX_COOKIE_LENGTH = 4096;

/**
 * Google's confirmation used to hang on a cookie set by one of its hosts and wanted by the next, so hosts of google.com
 * share theirs. A host below googleusercontent.com (where anybody's content lies) gets back its own only, and every
 * other host none.
 *
 * @param saved the user's own, which a walk begins with, for where Drive hands out files alone: elsewhere they could do
 * anything. Once it was at a host that is not Google's (most below googleusercontent.com are rented), or on a line without TLS,
 * somebody else has a say in where it leads, and they are sent no more.
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
      // Behind Google's gate are its own hosts, and those of signed links.
      wasElsewhere ||= url.protocol !== 'https:' || gatesOf(url.host).length === 0;
      const isForFile = leadsToFile(url) || !isOfGoogleCom(url);
      if (site === undefined) return undefined;
      const cookies = new Map<string, string | undefined>([
        ...(wasElsewhere || !isForFile ? [] : (saved?.for(url, Date.now()) ?? [])),
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

function siteOf(url: URL): string | undefined {
  if (!isGoogleHost(url.hostname)) return undefined;
  return isOfGoogleCom(url) ? 'google.com' : url.hostname;
}

function isOfGoogleCom({ hostname }: URL): boolean {
  return hostname === 'google.com' || hostname.endsWith('.google.com');
}

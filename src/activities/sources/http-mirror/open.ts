import { allowedHostOf, isAllowedUrl } from '../../../domain/dataset/allowed-hosts.ts';
import { MirrorBook } from '../../../domain/mirrors/mirror-book.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import type { Source } from '../contract/source.ts';
import { makeGoogleHosts } from '../google-drive/google-hosts.ts';
import type { HttpAccess } from '../http/source-tools.ts';
import { openByHttp } from '../http/walk.ts';
import { OneOfSeveral } from './one-of-several.ts';
import { type Mirror, mirrorsOf } from './request.ts';

/**
 * Web servers that hold the dataset's tree. Their own hosts are allowed by being named; a mirror that redirects elsewhere
 * needs that host allowed too. Where one of several fails, another is asked.
 */
export function makeHttpMirror(request: SourceRequest, { http, allowedHosts, memory }: HttpAccess): Source {
  const all = mirrorsOf(request);
  const known = makeGoogleHosts();
  const placeAt = (mirror: Mirror) => {
    const allowed = [...allowedHosts, allowedHostOf(mirror.url)];
    const route = {
      http,
      known,
      isAllowed: (url: URL, before?: URL) => isAllowedUrl(url, allowed, before),
      // Of several, one that is away is no reason to wait.
      ...(all.length === 1 ? { home: mirror.host } : {}),
    };
    const ask = async (url: URL, ...[file, range, signal]: Parameters<Source['open']>) => {
      const opened = await openByHttp(route, url, file, range, signal);
      return opened.status === 'failed' ? opened : { ...opened, source: `${request.name} ${mirror.host}` };
    };
    const open = (...asked: Parameters<Source['open']>) => {
      const url = mirror.urlOf(asked[0]);
      return url && ask(url, ...asked);
    };
    return { id: mirror.text, host: mirror.host, open };
  };
  const several = new OneOfSeveral(all.map(placeAt), memory?.mirrors ?? new MirrorBook());
  return {
    name: request.name,
    open: (file, range, signal) => several.open(file, range, signal),
    judged: (file, verdict) => several.judged(file, verdict),
  };
}

import { allowedHostOf, isAllowedUrl } from '../../../domain/dataset/allowed-hosts.ts';
import type { HttpClient } from '../http/client.ts';
import { openByHttp } from '../http/walk.ts';
import type { Source } from '../source.ts';

/**
 * A web server that holds the dataset's tree: base URL + `file_path`. The base's own host is allowed by being named;
 * a mirror that redirects elsewhere needs that host allowed too. A query of the base (a token) is kept.
 */
export function makeHttpMirror(http: HttpClient, baseUrl: string, allowedHosts: readonly string[]): Source {
  const base = new URL(baseUrl);
  const allowed = [...allowedHosts, allowedHostOf(base)];
  const route = { http, isAllowed: (url: URL) => isAllowedUrl(url, allowed) };
  return {
    name: 'http-mirror',
    async open(file, range, signal) {
      const url = new URL(base);
      const path = file.path.split('/').map(encodeURIComponent).join('/');
      url.pathname = `${base.pathname.replace(/\/+$/, '')}/${path}`;
      return openByHttp(route, url, file, range, signal);
    },
  };
}

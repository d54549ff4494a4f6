import { allowedHostOf, isAllowedUrl } from '../../../domain/dataset/allowed-hosts.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import type { Source } from '../contract/source.ts';
import { makeGoogleHosts } from '../google-drive/google-hosts.ts';
import type { HttpAccess } from '../http/source-tools.ts';
import { openByHttp } from '../http/walk.ts';
import { baseUrlOf } from './request.ts';

/**
 * A web server that holds the dataset's tree: base URL + `file_path`. The base's own host is allowed by being named;
 * a mirror that redirects elsewhere needs that host allowed too.
 */
export function makeHttpMirror(request: SourceRequest, { http, allowedHosts }: HttpAccess): Source {
  const base = baseUrlOf(request);
  const allowed = [...allowedHosts, allowedHostOf(base)];
  const route = {
    http,
    known: makeGoogleHosts(),
    isAllowed: (url: URL, before?: URL) => isAllowedUrl(url, allowed, before),
    home: base.host,
  };
  return {
    name: request.name,
    async open(file, range, signal) {
      const url = new URL(base);
      const path = file.path.split('/').map(encodeURIComponent).join('/');
      url.pathname = `${base.pathname.replace(/\/+$/, '')}/${path}`;
      return openByHttp(route, url, file, range, signal);
    },
  };
}

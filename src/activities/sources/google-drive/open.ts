import { isAllowedUrl } from '../../../domain/dataset/allowed-hosts.ts';
import { sourceFailure } from '../../../domain/failure/source-failure.ts';
import { refusalOfUrlText } from '../../../domain/network/request-url.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import type { Source } from '../contract/source.ts';
import type { HttpAccess } from '../http/source-tools.ts';
import { openByHttp } from '../http/walk.ts';
import { makeGoogleHosts } from './google-hosts.ts';

/** The file's own URL: Google Drive's, or one of a host that the user allowed. */
export function makeGoogleDrive({ name }: SourceRequest, access: HttpAccess): Source {
  return { name, open: openerOf(access) };
}

/** Whatever URL the user named (a manifest, a licence): the walk is the same for Drive's and for an allowed host's. */
export function makeNamedUrl(access: HttpAccess): Source {
  const open = openerOf(access);
  return {
    name: 'named-url',
    open: async (file, range, signal) => {
      const problem = refusalOfUrlText(file.url);
      if (problem === undefined) {
        const opened = await open(file, range, signal);
        return opened.status === 'failed' ? opened : { ...opened, source: new URL(file.url).host };
      }
      const detail = `open [file=${file.path}]: ${problem}`;
      return { status: 'failed', failure: sourceFailure('host-not-allowed', detail) };
    },
  };
}

function openerOf({ http, allowedHosts, cookies, asks = openByHttp }: HttpAccess): Source['open'] {
  const route = {
    http,
    known: makeGoogleHosts(cookies),
    isAllowed: (url: URL, before?: URL) => isAllowedUrl(url, allowedHosts, before),
  };
  return async (file, range, signal) => {
    if (!URL.canParse(file.url)) {
      const detail = `open [file=${file.path}]: expected a URL, got none`;
      return { status: 'failed', failure: sourceFailure('host-not-allowed', detail) };
    }
    return asks(route, new URL(file.url), file, range, signal);
  };
}

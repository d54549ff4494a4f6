import { isAllowedUrl } from '../../../domain/dataset/allowed-hosts.ts';
import { sourceFailure } from '../../../domain/failure/source-failure.ts';
import type { HttpClient } from '../http/client.ts';
import { openByHttp } from '../http/walk.ts';
import type { Source } from '../source.ts';

/** The file's own URL: Google Drive's, without an account, or one of a host that the user allowed. */
export function makeGoogleDrive(http: HttpClient, allowedHosts: readonly string[]): Source {
  const route = { http, isAllowed: (url: URL) => isAllowedUrl(url, allowedHosts) };
  return {
    name: 'google-drive',
    async open(file, range, signal) {
      if (!URL.canParse(file.url)) {
        const failure = sourceFailure(
          'host-not-allowed',
          `open [file=${file.path}]: expected a URL, got ${file.url}`,
        );
        return { status: 'failed', failure };
      }
      return openByHttp(route, new URL(file.url), file, range, signal);
    },
  };
}

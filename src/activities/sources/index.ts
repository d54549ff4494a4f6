import type { SourceRequest } from '../../domain/run/request.ts';
import { makeGoogleDrive } from './google-drive/open.ts';
import type { HttpClient } from './http/client.ts';
import { makeHttpMirror } from './http-mirror/open.ts';
import { makeLocalDir } from './local-dir/open.ts';
import type { Source } from './source.ts';

export interface SourceDeps {
  readonly http: HttpClient;
  /** As `parseAllowedHost` spells them. */
  readonly allowedHosts: readonly string[];
}

/** The source that a run asked for: one line each. */
export function makeSource(request: SourceRequest, { http, allowedHosts }: SourceDeps): Source {
  switch (request.name) {
    case 'google-drive':
      return makeGoogleDrive(http, allowedHosts);
    case 'http-mirror':
      return makeHttpMirror(http, request.baseUrl, allowedHosts);
    case 'local-dir':
      return makeLocalDir(request.path);
    default:
      return request satisfies never;
  }
}

/**
 * The source of a file that the user named by URL (a manifest, a licence), whatever the run's own source is: the
 * walk is the same for Drive's URLs and for those of an allowed host.
 */
export function sourceForNamedUrl({ http, allowedHosts }: SourceDeps): Source {
  return makeGoogleDrive(http, allowedHosts);
}

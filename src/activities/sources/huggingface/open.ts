import { allowedHostOf, isAllowedUrl } from '../../../domain/dataset/allowed-hosts.ts';
import { sourceFailure } from '../../../domain/failure/source-failure.ts';
import { RateWindows } from '../../../domain/limits/rate-window.ts';
import type { SourceRequest } from '../../../domain/run/request.ts';
import type { ArchiveTools } from '../archive/archive-source.ts';
import { accessBy } from '../archive/http-access.ts';
import { TarStreams } from '../archive/tar-stream.ts';
import type { Source } from '../contract/source.ts';
import type { SourceTools } from '../http/source-tools.ts';
import { type HttpRoute, openByHttp } from '../http/walk.ts';
import { answersOfHub, hubAllowance, isThere } from './hub.ts';
import { isOfTars, pathIn } from './layouts.ts';
import { openInTar } from './open-in-tar.ts';
import { endpointOf, hubFilesOf } from './request.ts';

/**
 * Files of a dataset repository, at one commit. The hub leads to its byte hosts, which are allowed here; those of another
 * endpoint must be allowed by the user.
 */
export async function makeHuggingFace(
  request: SourceRequest,
  {
    http,
    allowedHosts,
    settings = {},
    memory,
    archives,
  }: Pick<SourceTools, 'http' | 'allowedHosts' | 'settings' | 'memory'> & Partial<ArchiveTools>,
): Promise<Source> {
  const files = hubFilesOf(request);
  const endpoint = endpointOf(request.name, settings);
  const window = (memory?.windows ?? new RateWindows()).of(endpoint.origin);
  const allowed = [...allowedHosts, allowedHostOf(endpoint)];
  const route: HttpRoute = {
    http,
    known: answersOfHub(endpoint),
    isAllowed: (url, before) => isHubHost(url) || isAllowedUrl(url, allowed, before),
    home: endpoint.host,
    allowance: hubAllowance(endpoint, window),
  };
  const looked = `${endpoint.href} ${files.repo} ${files.revision}`;
  if (memory?.good.has(looked) !== true) {
    if (await isThere(request.name, http, endpoint, files)) remember(memory?.good, looked);
  }
  const streams = archives?.streams ?? new TarStreams();
  return {
    name: request.name,
    async open(file, range, signal) {
      const path = pathIn(files.layout, file);
      if (path === undefined) {
        const got = `got none in the layout ${files.layout} of ${files.repo}`;
        const detail = `open [file=${file.path}]: expected a place for it, ${got}`;
        return { status: 'failed', failure: sourceFailure('missing', detail) };
      }
      const url = new URL(endpoint);
      url.pathname = `${endpoint.pathname.replace(/\/+$/, '')}/datasets/${files.repo}/resolve/${files.revision}/${path}`;
      return isOfTars(files.layout)
        ? openInTar(streams, accessBy(route, url, path), file, signal)
        : openByHttp(route, url, file, range, signal);
    },
  };
}

/** The hub's own hosts and its byte hosts, by https at the default port. */
function isHubHost({ protocol, port, hostname, username, password }: URL): boolean {
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false;
  return /(^|\.)(huggingface\.co|hf\.co)$/.test(hostname);
}

/** Runs that one process remembers to have looked up. */
const MOST_LOOKED_UP = 1_000;

function remember(good: Set<string> | undefined, looked: string): void {
  if (good !== undefined && good.size >= MOST_LOOKED_UP) good.clear();
  good?.add(looked);
}

import type { RateWindow } from '../../../domain/limits/rate-window.ts';
import { readRateLimit } from '../../../domain/limits/rate-window.ts';
import { SECOND } from '../../../domain/run/time-units.ts';
import { SourceRequestError } from '../contract/source-definition.ts';
import { makeGoogleHosts } from '../google-drive/google-hosts.ts';
import { failedAnswer } from '../http/answer.ts';
import type { HttpClient, HttpResponse } from '../http/client.ts';
import { HttpError } from '../http/http-error.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { Allowance, KnownHosts } from '../http/walk.ts';
import type { HubFiles } from './request.ts';

/** The hub counts what leads to files apart from its pages and its API. */
const BUCKET = 'resolvers';

const LOOKING_MS = 15 * SECOND;

/** What the hub's refusals mean, by the word that it gives for them. */
const refusals: Readonly<Record<string, readonly ['private' | 'missing', string]>> = {
  GatedRepo: ['private', 'a gated repository: accept its terms there, and give the worker HF_TOKEN'],
  RepoNotFound: ['private', 'no such repository, or one that wants another HF_TOKEN'],
  RevisionNotFound: ['missing', 'no such commit in the repository'],
  EntryNotFound: ['missing', 'no such file at this commit'],
};

/** What the hub's answers mean beyond plain HTTP. */
export function answersOfHub(endpoint: URL): KnownHosts {
  const google = makeGoogleHosts();
  return {
    ...google,
    async answerOf(response, file) {
      if (response.url.origin !== endpoint.origin) return google.answerOf(response, file);
      const { host } = response.url;
      const said = response.status >= 400 ? wordOf(response) : undefined;
      if (said !== undefined)
        return failedAnswer(said[0], file, host, `status ${response.status}: ${said[1]}`);
      if (response.status !== 429) return undefined;
      const named = readRateLimit(response.header('ratelimit'), BUCKET);
      const wait = retryAfterMs(response) ?? (named && (named.seconds + 1) * SECOND);
      return failedAnswer('rate-limited', file, host, 'status 429', wait);
    },
  };
}

/** As many requests as the hub's window has left, and no more. */
export function hubAllowance(endpoint: URL, window: RateWindow): Allowance {
  return {
    begin(url) {
      if (url.origin !== endpoint.origin) return undefined;
      const begunAt = performance.now();
      const wait = window.begin(begunAt);
      if (wait > 0) return wait;
      return {
        answered: (response) =>
          window.answered(readRateLimit(response.header('ratelimit'), BUCKET), begunAt, performance.now()),
        over: () => window.over(),
      };
    },
  };
}

/**
 * Throws a {@link SourceRequestError} where the hub says that there is no such commit, or that this worker may not see it:
 * then no file is asked for. Answers whether it is known to be there; whatever else came is for the files to find out.
 */
export async function isThere(
  name: string,
  http: HttpClient,
  endpoint: URL,
  { repo, revision }: HubFiles,
): Promise<boolean> {
  const url = new URL(endpoint);
  url.pathname = `${endpoint.pathname.replace(/\/+$/, '')}/api/datasets/${repo}/revision/${revision}`;
  if ((await http.refusal(url.host)) !== undefined) return false;
  let response: HttpResponse;
  try {
    response = await http.get(url, { signal: AbortSignal.timeout(LOOKING_MS) });
  } catch (error) {
    if (error instanceof HttpError || (error as Error).name === 'TimeoutError') return false;
    throw error;
  }
  response.discard();
  const said = wordOf(response);
  if (said !== undefined)
    throw new SourceRequestError(
      name,
      `expected ${repo} at ${revision}, got ${said[1]} (status ${response.status})`,
      said[0],
    );
  return response.status === 200;
}

function wordOf(response: HttpResponse): (typeof refusals)[string] | undefined {
  const word = response.header('x-error-code') ?? '';
  return response.status >= 400 && Object.hasOwn(refusals, word) ? refusals[word] : undefined;
}

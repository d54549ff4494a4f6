import { isGoogleHost } from '../../../domain/dataset/allowed-hosts.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import type { SourceFailure, SourceFailureReason } from '../../../domain/failure/source-failure.ts';
import { driveAnswer } from '../google-drive/answer.ts';
import { type Answer, notTheFile } from './answer.ts';
import { type HttpClient, HttpError, type HttpResponse, transportFailure } from './client.ts';
import { makeCookieJar } from './cookie-jar.ts';
import { type OpenResult, openHttpBody, rangeHeader, wantedRange } from './file-body.ts';
import { plainAnswer } from './plain-answer.ts';

const MAX_REDIRECTS = 10;
const MAX_CONFIRMATIONS = 2;

export interface HttpRoute {
  readonly http: HttpClient;
  readonly isAllowed: (url: URL) => boolean;
}

/**
 * Walks from a file's first URL to its bytes: over redirects and at most two confirmation pages, each next URL looked
 * at before it is asked. Nothing is remembered from one walk to the next.
 */
export async function openByHttp(
  { http, isAllowed }: HttpRoute,
  start: URL,
  file: FileSpec,
  range: { readonly offset: number; readonly end?: number },
  signal: AbortSignal,
): Promise<OpenResult> {
  signal.throwIfAborted();
  const wanted = wantedRange(file, range);
  if ('reason' in wanted) return { status: 'failed', failure: wanted };
  const rangeField = rangeHeader(file, wanted);
  const jar = makeCookieJar();
  const confirmed = new Set<string>();
  let redirects = 0;

  for (let url = start, from = start.host; ; ) {
    const refusal = refusalOf(url, from, file, isAllowed);
    if (refusal) return { status: 'failed', failure: refusal };

    const cookie = jar.headerFor(url);
    let response: HttpResponse;
    let answer: Answer;
    try {
      response = await http.get(url, {
        headers: {
          // Pages in English where there is a choice; everything that matters is read from their structure.
          'accept-language': 'en',
          ...(rangeField === undefined ? {} : { range: rangeField }),
          ...(cookie === undefined ? {} : { cookie }),
        },
        signal,
      });
      jar.store(url, response.setCookies);
      answer = isGoogleHost(url.hostname) ? await driveAnswer(response, file) : plainAnswer(response, file);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return { status: 'failed', failure: transportFailure(error) };
    }

    const give = (reason: SourceFailureReason, got: string): OpenResult => ({
      status: 'failed',
      failure: notTheFile(reason, file, url.host, got),
    });
    if (answer.kind === 'file') return openHttpBody(response, file, wanted);
    response.discard();
    switch (answer.kind) {
      case 'failed':
        return { status: 'failed', failure: answer.failure };
      case 'confirm':
        if (confirmed.size === MAX_CONFIRMATIONS || confirmed.has(answer.url.href)) {
          return give('confirm-loop', `the confirmation page after ${confirmed.size} confirmations`);
        }
        confirmed.add(answer.url.href);
        from = url.host;
        url = answer.url;
        break;
      case 'redirect': {
        const { location } = answer;
        if (location === undefined || !URL.canParse(location, url.href)) {
          return give('redirect-loop', `status ${response.status} without a usable Location`);
        }
        if (++redirects > MAX_REDIRECTS) return give('redirect-loop', `more than ${MAX_REDIRECTS} redirects`);
        from = url.host;
        url = new URL(location, url);
        break;
      }
      default:
        return answer satisfies never;
    }
  }
}

/** Why a URL is not asked at all: what it says by itself, or a host that is not allowed. */
function refusalOf(
  url: URL,
  from: string,
  file: FileSpec,
  isAllowed: (url: URL) => boolean,
): SourceFailure | undefined {
  const { hostname, pathname } = url;
  if (hostname === 'accounts.google.com') {
    return notTheFile('private', file, from, 'the way to a login page');
  }
  if (/(^|\.)google(\.[a-z]{2,3}){1,2}$/.test(hostname) && /^\/sorry(\/|$)/.test(pathname)) {
    return notTheFile('blocked', file, from, 'the way to the "sorry" page');
  }
  if (hostname === 'docs.google.com' && /^\/(document|spreadsheets|presentation|forms)\//.test(pathname)) {
    return notTheFile('not-downloadable', file, from, 'the way to a Google Docs editor');
  }
  if (!isAllowed(url)) {
    return notTheFile(
      'host-not-allowed',
      file,
      from,
      `the way to a host that is not allowed, ${url.protocol}//${url.host}`,
    );
  }
  return undefined;
}

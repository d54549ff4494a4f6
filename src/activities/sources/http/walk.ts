import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { noteWait } from '../../../domain/failure/noted-wait.ts';
import {
  isRestReason,
  type SourceFailure,
  type SourceFailureReason,
} from '../../../domain/failure/source-failure.ts';
import { type Answer, notTheFile } from './answer.ts';
import type { HttpClient, HttpResponse } from './client.ts';
import { type OpenResult, openHttpBody, rangeHeader, wantedRange } from './file-body.ts';
import { HttpError, transportFailure } from './http-error.ts';
import { plainAnswer } from './plain-answer.ts';

const MAX_REDIRECTS = 10;
const MAX_CONFIRMATIONS = 2;
const MAX_RESTARTS = 2;

export interface HttpRoute {
  readonly http: HttpClient;
  /** `before`: the URL that led there, if one did. */
  readonly isAllowed: (url: URL, before?: URL) => boolean;
  readonly known: KnownHosts;
  /** The one host that every file comes from, if there is one: while it is away, no file is to blame. */
  readonly home?: string;
  /** What its hosts say of how much they still answer. @default they say nothing */
  readonly allowance?: Allowance;
}

/** Of hosts that tell how much they still answer, so that nobody asks for more. */
export interface Allowance {
  /**
   * Called right before a request, which begins if it may. Answers who is to hear of its end; milliseconds, where it may
   * not begin before them; undefined of a URL that nothing is known of.
   */
  begin(url: URL): Begun | number | undefined;
}

export interface Begun {
  answered(response: HttpResponse): void;
  /** There is no answer. */
  over(): void;
}

export interface AskedRange {
  readonly offset: number;
  readonly end?: number;
  /** The strong ETag of the file that a part is wanted of: the whole comes where it is another one by now. */
  readonly ifRange?: string;
}

/** What is known of certain hosts beyond plain HTTP. */
export interface KnownHosts {
  /**
   * Why a URL is not asked at all: what it says by itself. `from` is the host that led there; `redirectedBy` the URL that
   * answered with it as its Location, where it did.
   */
  refusalOf(url: URL, from: string, file: FileSpec, redirectedBy?: URL): SourceFailure | undefined;
  /** What a response means; undefined: by plain HTTP. */
  answerOf(response: HttpResponse, file: FileSpec): Promise<Answer | undefined>;
  makeCookieJar(): CookieJar;
}

/** The cookies of one walk: forgotten with it, and never sent to another site than the one that set them. */
export interface CookieJar {
  store(url: URL, setCookies: readonly string[]): void;
  /** Value of the Cookie header, if any. */
  headerFor(url: URL): string | undefined;
}

/**
 * Walks from a file's first URL to its bytes: over redirects and at most two confirmation pages, each next URL looked
 * at before it is asked. Where the way ends in a link that has gone stale, it begins anew, at most twice. Nothing is
 * remembered from one walk to the next.
 */
export async function openByHttp(
  route: HttpRoute,
  start: URL,
  file: FileSpec,
  range: AskedRange,
  signal: AbortSignal,
): Promise<OpenResult> {
  signal.throwIfAborted();
  const wanted = wantedRange(file, range);
  if ('reason' in wanted) return { status: 'failed', failure: wanted };
  const rangeField = rangeHeader(file, wanted);
  const { http, known, home, allowance } = route;
  let jar = known.makeCookieJar();
  const confirmed = new Set<string>();
  let redirects = 0;
  let restarts = 0;
  let lookedFor: SourceFailure | undefined;

  for (let url = start, before: URL | undefined, isRedirect = false; ; ) {
    const refusal = refusedWay(route, url, file, before, isRedirect);
    if (refusal) return { status: 'failed', failure: refusal };
    const turn = await http.turn?.(url, signal, start);
    // Only now: the turn may have been long in coming.
    const resting = await http.refusal(url.host);
    if (resting) {
      turn?.leave();
      return { status: 'failed', failure: resting };
    }

    const begun = allowance?.begin(url);
    if (typeof begun === 'number') {
      turn?.leave();
      const failure = notTheFile('rate-limited', file, url.host, 'no request left in its window', begun);
      return { status: 'failed', failure: rested(http, url, failure) };
    }
    const begunAt = Date.now();
    const cookie = jar.headerFor(url);
    let response: HttpResponse;
    let answer: Answer;
    try {
      const headers = {
        // Pages in English where there is a choice; everything that matters is read from their structure.
        'accept-language': 'en',
        ...(rangeField === undefined ? {} : { range: rangeField }),
        ...(range.ifRange === undefined ? {} : { 'if-range': range.ifRange }),
        ...(cookie === undefined ? {} : { cookie }),
      };
      response = await (turn?.get({ headers, signal }) ?? http.get(url, { headers, signal }));
      begun?.answered(response);
      jar.store(url, response.setCookies);
      answer = (await known.answerOf(response, file)) ?? plainAnswer(response, file);
    } catch (error) {
      turn?.leave();
      begun?.over();
      return { status: 'failed', failure: unanswered(http, url, begunAt, error, home) };
    }

    const give = (reason: SourceFailureReason, got: string): OpenResult => ({
      status: 'failed',
      failure: notTheFile(reason, file, url.host, got),
    });
    if (answer.kind === 'file') return openHttpBody(response, file, wanted);
    const failure = answer.kind === 'failed' ? overasked(response, answer.failure) : undefined;
    response.discard();
    switch (answer.kind) {
      case 'failed': {
        const { reason } = answer.failure;
        if (reason === 'stale-link' && before !== undefined && restarts++ < MAX_RESTARTS) {
          jar = known.makeCookieJar();
          confirmed.clear();
          redirects = 0;
          isRedirect = false;
          before = undefined;
          url = start;
          break;
        }
        const told = failure ?? answer.failure;
        // A look is for the file's own fault: one that concerns more files than this is heard all the same.
        const heard = lookedFor !== undefined && !isRestReason(told.reason) ? lookedFor : told;
        return { status: 'failed', failure: rested(http, url, heard) };
      }
      case 'look':
        if (lookedFor !== undefined) return { status: 'failed', failure: lookedFor };
        lookedFor = answer.failure;
        isRedirect = false;
        before = url;
        url = answer.url;
        break;
      case 'confirm':
        if (confirmed.size === MAX_CONFIRMATIONS || confirmed.has(answer.url.href)) {
          return give('confirm-loop', `the confirmation page after ${confirmed.size} confirmations`);
        }
        confirmed.add(answer.url.href);
        isRedirect = false;
        before = url;
        url = answer.url;
        break;
      case 'redirect': {
        const { location } = answer;
        if (location === undefined || !URL.canParse(location, url.href)) {
          return give('redirect-loop', `status ${response.status} without a usable Location`);
        }
        if (++redirects > MAX_REDIRECTS) return give('redirect-loop', `more than ${MAX_REDIRECTS} redirects`);
        isRedirect = true;
        before = url;
        url = new URL(location, url);
        break;
      }
      default:
        return answer satisfies never;
    }
  }
}

/**
 * What a request that was begun at `begunAt` and got no answer failed by; anything but an {@link HttpError} is thrown on.
 *
 * @param home the one host that every file comes from, if there is one
 */
export function unanswered(
  { hosts }: HttpClient,
  { host }: URL,
  begunAt: number,
  error: unknown,
  home?: string,
): SourceFailure {
  if (!(error instanceof HttpError)) throw error;
  const failure = transportFailure(error);
  if (failure.reason !== 'network-down') return failure;
  return hosts.unreached(host, begunAt, failure, error.isOfProxy || host === home);
}

/** A host that names a wait gets it; of another one it is told by what else it was asked for. */
function overasked(response: HttpResponse, failure: SourceFailure): SourceFailure {
  if (failure.reason !== 'rate-limited') return failure;
  const restMs = response.overasked?.();
  if (restMs === undefined || failure.retryAfterMs !== undefined) return failure;
  return restMs === 0 ? { ...failure, isCrowded: true } : { ...failure, retryAfterMs: restMs };
}

/** What is behind a gate is asked by nobody then; a wait that a host itself names is kept by everybody who asks it. */
export function rested({ hosts, gates }: HttpClient, { host }: URL, failure: SourceFailure): SourceFailure {
  const gated = gates.refused(host, failure);
  if (gated !== undefined) return gated;
  const { reason, detail, retryAfterMs } = failure;
  if (retryAfterMs === undefined || !isRestReason(reason)) return failure;
  hosts.rest(host, { ...noteWait(Date.now(), retryAfterMs), reason, detail });
  return { ...failure, host };
}

/**
 * Why the next URL is not asked; undefined: it may be. What a host refuses by leading elsewhere is its refusal all the same.
 *
 * @param before the URL that led there, if one did
 * @param isRedirect did it by its Location, which nobody but its host writes? Else a page of it names the URL
 */
export function refusedWay(
  { http, known, isAllowed }: HttpRoute,
  url: URL,
  file: FileSpec,
  before: URL | undefined,
  isRedirect: boolean,
): SourceFailure | undefined {
  const { host } = before ?? url;
  const said = known.refusalOf(url, host, file, isRedirect ? before : undefined);
  if (said === undefined && isAllowed(url, before)) return undefined;
  return rested(http, before ?? url, said ?? notAllowed(url, host, file));
}

function notAllowed(url: URL, from: string, file: FileSpec): SourceFailure {
  const got = `the way to a host that is not allowed, ${url.protocol}//${url.host}`;
  return notTheFile('host-not-allowed', file, from, got);
}

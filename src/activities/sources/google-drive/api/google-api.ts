import type { FileSpec } from '../../../../domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../../../domain/failure/source-failure.ts';
import type { GoogleQuota } from '../../../../domain/flow/google-quota.ts';
import { untilPacificMidnight } from '../../../../domain/flow/pacific-day.ts';
import { DayBudget, RateBackoff } from '../../../../domain/flow/pacing.ts';
import type { DriveEntry, DriveFile } from '../../../../domain/network/drive-file.ts';
import { SECOND } from '../../../../domain/run/time-units.ts';
import type { OpenedFile } from '../../contract/source.ts';
import type { GoogleCredential } from '../../google-login/credential.ts';
import { notTheFile, redirectOf } from '../../http/answer.ts';
import { type HttpClient, type HttpResponse, readPage } from '../../http/client.ts';
import { type OpenResult, openHttpBody, rangeHeader, wantedRange } from '../../http/file-body.ts';
import { HttpError } from '../../http/http-error.ts';
import { type HttpRoute, openByHttp, refusedWay, rested, unanswered } from '../../http/walk.ts';
import { Announced } from './announced.ts';
import { isGiven, refusalOf } from './api-answer.ts';
import { readAnnounced } from './api-error.ts';
import { entryOfListing, listingQuery, notListed } from './entry-of-folder.ts';
import { API_ORIGIN, type Asked, SignedClient } from './signed-client.ts';

type Failed = { readonly status: 'failed'; readonly failure: SourceFailure };

/** A listing that is asked for by name has a few hundred bytes. */
const MOST_LISTING_BYTES = 64 * 1024;

const apiUrl = new URL(API_ORIGIN);

/** Drive's files as Google's API gives them to whoever signs. One per worker process: its pace and budget are the process's. */
export class GoogleApi {
  readonly #client: SignedClient;
  readonly #backoff = new RateBackoff();
  readonly #budget: DayBudget | undefined;
  readonly #announced = new Announced();
  /** By folder and name: what was found there. */
  readonly #found = new Map<string, DriveFile>();

  constructor(credential: GoogleCredential, quota: GoogleQuota) {
    this.#client = new SignedClient(credential, quota);
    this.#budget = quota.bytesPerDay === undefined ? undefined : new DayBudget(quota.bytesPerDay);
  }

  async open(
    route: HttpRoute,
    drive: DriveFile,
    file: FileSpec,
    range: { readonly offset: number; readonly end?: number },
    signal: AbortSignal,
  ): Promise<OpenResult> {
    signal.throwIfAborted();
    const wanted = wantedRange(file, range);
    if ('reason' in wanted) return { status: 'failed', failure: wanted };
    if (this.#budget?.isSpent(Date.now())) return failed(this.#spent(route.http, file));
    if (this.#announced.isDoubted(drive.id, file, wanted.offset)) {
      const changed = await this.#lookFirst(route, drive, file, signal);
      if (changed) return failed(changed);
    }
    const rangeField = rangeHeader(file, wanted);
    const headers = rangeField === undefined ? {} : { range: rangeField };
    const answered = await this.#askFor(route, drive, 'alt=media', headers, file, signal);
    if (answered.status === 'failed') return answered;
    const { response } = answered;
    const redirect = redirectOf(response);
    if (redirect) {
      response.discard();
      return this.#follow(route, response, file, range, signal);
    }
    this.#announced.begun(drive.id);
    const opened = openHttpBody(response, file, wanted);
    if (opened.status === 'opened') return { ...opened, body: this.#counted(opened.body) };
    this.#announced.doubt(drive.id);
    return opened;
  }

  /** The file of a name in a folder: asked for once, however many ranges of it are to come. */
  async find(
    route: HttpRoute,
    entry: DriveEntry,
    file: FileSpec,
    signal: AbortSignal,
  ): Promise<{ readonly status: 'found'; readonly drive: DriveFile } | Failed> {
    const key = `${entry.folder}/${entry.name}`;
    const known = this.#found.get(key);
    if (known !== undefined) return { status: 'found', drive: known };
    const url = new URL(`/drive/v3/files?${listingQuery(entry)}`, apiUrl);
    const answered = await this.#ask(route, url, {}, file, signal);
    if (answered.status === 'failed') return answered;
    const { response, begunAt } = answered;
    try {
      const drive = entryOfListing(await readPage(response.body, MOST_LISTING_BYTES), entry, file);
      if (drive === undefined) return failed(notListed(file, entry));
      this.#found.set(key, drive);
      return { status: 'found', drive };
    } catch (error) {
      return failed(unanswered(route.http, response.url, begunAt, error));
    }
  }

  /** What differs by what Drive itself names; or why it does not say. */
  async #lookFirst(
    route: HttpRoute,
    drive: DriveFile,
    file: FileSpec,
    signal: AbortSignal,
  ): Promise<SourceFailure | undefined> {
    const query = 'fields=size%2Cmd5Checksum&supportsAllDrives=true';
    const answered = await this.#askFor(route, drive, query, {}, file, signal);
    if (answered.status === 'failed') return answered.failure;
    const { response, begunAt } = answered;
    try {
      const seen = readAnnounced(await readPage(response.body, 64 * 1024));
      const got = this.#announced.compare(drive.id, file, seen);
      return got === undefined ? undefined : notTheFile('source-changed', file, response.url.host, got);
    } catch (error) {
      return unanswered(route.http, response.url, begunAt, error);
    }
  }

  #askFor(
    route: HttpRoute,
    { id, resourceKey }: DriveFile,
    query: string,
    headers: Readonly<Record<string, string>>,
    file: FileSpec,
    signal: AbortSignal,
  ): Promise<Asked> {
    const url = new URL(`/drive/v3/files/${encodeURIComponent(id)}?${query}`, apiUrl);
    const ofKey = resourceKey === undefined ? {} : { 'x-goog-drive-resource-keys': `${id}/${resourceKey}` };
    return this.#ask(route, url, { ...headers, ...ofKey }, file, signal);
  }

  /** A response that gives what was asked for, or leads elsewhere; anything else is a failure. */
  async #ask(
    { http }: HttpRoute,
    url: URL,
    headers: Readonly<Record<string, string>>,
    file: FileSpec,
    signal: AbortSignal,
  ): Promise<Asked> {
    const asked = await this.#client.ask(http, url, headers, file, signal);
    if (asked.status === 'failed') return asked;
    const { response, begunAt } = asked;
    if (isGiven(response) || redirectOf(response)) {
      this.#backoff.answered(begunAt);
      return asked;
    }
    try {
      return failed(this.#judged(http, await refusalOf(response, file), response, begunAt));
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return failed(unanswered(http, url, begunAt, error));
    } finally {
      response.discard();
    }
  }

  /** With the wait that a refusal of all files means, which is kept by everybody in this process. */
  #judged(http: HttpClient, failure: SourceFailure, response: HttpResponse, begunAt: number): SourceFailure {
    const { reason, retryAfterMs } = failure;
    if (reason === 'rate-limited') {
      response.overasked?.();
      const wait = this.#backoff.refused(begunAt, Date.now(), Math.random(), retryAfterMs);
      return rested(http, response.url, { ...failure, retryAfterMs: wait });
    }
    if (reason === 'daily-limit')
      return rested(http, response.url, { ...failure, retryAfterMs: untilNextDay(response) });
    return reason === 'blocked' ? rested(http, response.url, failure) : failure;
  }

  #spent(http: HttpClient, file: FileSpec): SourceFailure {
    const got = "the end of the day's egress of FFHQ_GOOGLE_QUOTA in this worker";
    return rested(http, apiUrl, notTheFile('daily-limit', file, apiUrl.host, got, untilNextDay(undefined)));
  }

  /** Elsewhere nothing is signed: from there on it is the way of everybody. */
  async #follow(
    route: HttpRoute,
    response: HttpResponse,
    file: FileSpec,
    range: { readonly offset: number; readonly end?: number },
    signal: AbortSignal,
  ): Promise<OpenResult> {
    const { url, status } = response;
    const location = response.header('location');
    if (location === undefined || !URL.canParse(location, url.href)) {
      const got = `status ${status} without a usable Location`;
      return failed(notTheFile('redirect-loop', file, url.host, got));
    }
    const target = new URL(location, url);
    const refusal = refusedWay(route, target, file, url, true);
    if (refusal) return failed(refusal);
    return openByHttp(route, target, file, range, signal);
  }

  async *#counted(body: OpenedFile['body']): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.#budget?.spend(chunk.length, Date.now());
      yield chunk;
    }
  }
}

/** Not everybody comes at once, where no gate sees to that. */
const LATER_MS = 3 * SECOND;

/** What a Date header names from here on is no time of anybody's, and behind some such times no day comes any more. */
const NO_TIME = Date.UTC(10_000, 0);

/** Milliseconds until Google's next day, by Google's own clock where the response tells it, and a few seconds: clocks differ. */
function untilNextDay(response: HttpResponse | undefined): number {
  const theirs = Date.parse(response?.header('date') ?? '');
  const now = theirs >= 0 && theirs < NO_TIME ? theirs : Date.now();
  return untilPacificMidnight(now) + Math.random() * LATER_MS;
}

function failed(failure: SourceFailure): Failed {
  return { status: 'failed', failure };
}

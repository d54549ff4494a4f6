import type { FileSpec } from '../../../../domain/dataset/file-spec.ts';
import type { GoogleQuota } from '../../../../domain/flow/google-quota.ts';
import { MINUTE } from '../../../../domain/run/time-units.ts';
import type { GoogleCredential } from '../../google-login/credential.ts';
import { notTheFile } from '../../http/answer.ts';
import type { HttpClient, HttpResponse } from '../../http/client.ts';
import { rested, unanswered } from '../../http/walk.ts';
import { Pacer } from './pacer.ts';

/** The one host that signed requests go to. */
export const API_ORIGIN = 'https://www.googleapis.com';
const { host: API_HOST } = new URL(API_ORIGIN);

/** Milliseconds by which a clock may be off before signatures are refused for it. */
const MOST_SKEW = 5 * MINUTE;

export type Asked =
  | { readonly status: 'answered'; readonly response: HttpResponse; readonly begunAt: number }
  | { readonly status: 'failed'; readonly failure: ReturnType<typeof notTheFile> };

/** Asks Google's API, signed and at its pace. What the answer means is the caller's; a 401 is answered with a renewal, once. */
export class SignedClient {
  readonly #credential: GoogleCredential;
  readonly #pacer: Pacer;

  constructor(credential: GoogleCredential, quota: GoogleQuota) {
    this.#credential = credential;
    this.#pacer = new Pacer(quota);
  }

  /**
   * @param http the client of whoever asks: its limits hold
   * @param headers beside those that sign
   */
  async ask(
    http: HttpClient,
    url: URL,
    headers: Readonly<Record<string, string>>,
    file: FileSpec,
    signal: AbortSignal,
  ): Promise<Asked> {
    for (let renew = false; ; renew = true) {
      const signed = await this.#credential.headers(signal, renew);
      if (signed.status === 'failed') return signed;
      const asked = await this.#askOnce(http, url, { ...headers, ...signed.headers }, file, signal);
      if (asked.status === 'failed' || asked.response.status !== 401) return asked;
      asked.response.discard();
      if (renew) return { status: 'failed', failure: this.#notTaken(asked.response, file) };
    }
  }

  async #askOnce(
    http: HttpClient,
    url: URL,
    headers: Readonly<Record<string, string>>,
    file: FileSpec,
    signal: AbortSignal,
  ): Promise<Asked> {
    const resting = await http.refusal(url.host);
    if (resting) return { status: 'failed', failure: resting };
    const turn = await http.turn?.(url, signal);
    const wait = await this.#pacer.turn(signal).catch((error: unknown) => {
      turn?.leave();
      throw error;
    });
    if (wait !== undefined) {
      turn?.leave();
      const failure = notTheFile('rate-limited', file, url.host, 'no turn within FFHQ_GOOGLE_QUOTA', wait);
      return { status: 'failed', failure: rested(http, url, failure) };
    }
    // A refusal of another file may have come while this one waited.
    const since = await http.refusal(url.host);
    if (since) {
      turn?.leave();
      return { status: 'failed', failure: since };
    }
    const begunAt = Date.now();
    try {
      return {
        status: 'answered',
        response: await (turn?.get({ headers, signal }) ?? http.get(url, { headers, signal })),
        begunAt,
      };
    } catch (error) {
      return { status: 'failed', failure: unanswered(http, url, begunAt, error, API_HOST) };
    }
  }

  #notTaken(response: HttpResponse, file: FileSpec): ReturnType<typeof notTheFile> {
    const skew = Date.now() - Date.parse(response.header('date') ?? '');
    const clock =
      Math.abs(skew) > MOST_SKEW
        ? `; this machine's clock is ${Math.round(Math.abs(skew) / MINUTE)} minutes ${skew > 0 ? 'ahead of' : 'behind'} Google's`
        : '';
    const got = `status 401 also after its ${this.#credential.kind} was renewed${clock}`;
    return notTheFile('credential', file, response.url.host, got);
  }
}

import type { FileSpec } from '../../../../domain/dataset/file-spec.ts';
import type { SourceFailure } from '../../../../domain/failure/source-failure.ts';
import { isHtml, notTheFile } from '../../http/answer.ts';
import { type HttpResponse, readPage } from '../../http/client.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { driveAnswer } from '../answer.ts';
import { readApiRefusal } from './api-error.ts';

/** An envelope has some hundred bytes, a "sorry" page a few thousand. */
const MOST_BYTES = 64 * 1024;

/** Is it what was asked for, whatever that was? A page in its place is none. */
export function isGiven(response: HttpResponse): boolean {
  return (response.status === 200 || response.status === 206) && !isHtml(response);
}

/**
 * Why the API did not give what was asked for: by status and Google's word, or, where a page came instead, as without an
 * account.
 */
export async function refusalOf(response: HttpResponse, file: FileSpec): Promise<SourceFailure> {
  const { status, url } = response;
  const body = await readPage(response.body, MOST_BYTES);
  if (status !== 401 && (isHtml(response) || /^\s*</.test(body.slice(0, 200)))) {
    const answer = await driveAnswer(pageOf(response, body), file);
    if (answer.kind === 'failed') return answer.failure;
    return notTheFile('unknown-page', file, url.host, `a page with status ${status}`);
  }
  const { reason: meant, word, hint } = readApiRefusal(status, body);
  const wait = retryAfterMs(response);
  // Whoever names a wait is not broken, but busy.
  const reason = meant === 'server-error' && wait !== undefined ? 'rate-limited' : meant;
  const got = `status ${status}${word === undefined ? '' : ` ${word}`}${hint === undefined ? '' : `: ${hint}`}`;
  return notTheFile(reason, file, url.host, got, reason === 'rate-limited' ? wait : undefined);
}

/** The same response, whose body was read. */
function pageOf(response: HttpResponse, body: string): HttpResponse {
  return {
    ...response,
    header: (name) => (name === 'content-type' ? 'text/html' : response.header(name)),
    body: (async function* () {
      yield Buffer.from(body);
    })(),
    discard: () => {},
  };
}

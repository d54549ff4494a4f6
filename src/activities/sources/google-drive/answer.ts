import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import type { SourceFailureReason } from '../../../domain/failure/source-failure.ts';
import { gatesOf } from '../../../domain/failure/source-gate.ts';
import { type Answer, type Failed, failedAnswer, isHtml, redirectOf } from '../http/answer.ts';
import { type HttpResponse, readPage } from '../http/client.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { classified, type DrivePage, isByteHost } from './page.ts';
import { collectPage } from './page-elements.ts';
import { sketchPage } from './page-sketch.ts';

/** Statuses with which bytes come; a page may come with them all the same. */
const BYTES: ReadonlySet<number> = new Set([200, 206]);

/** Statuses at which Google answers with a page that says more than the status does. */
const TELLING_PAGES: ReadonlySet<number> = new Set([200, 206, 403, 503]);

/**
 * What a response of one of Google's hosts means. Google answers refusals with status 200 too, so a file is known by
 * its Content-Disposition alone; anything else is a page to read.
 */
export async function driveAnswer(response: HttpResponse, file: FileSpec): Promise<Answer> {
  const { status } = response;
  const { host } = response.url;
  const got = (meant: SourceFailureReason, what = `status ${status}`) => {
    // Whoever rents a host of Google's answers there as he likes: that is no word of Google's.
    const reason = meant === 'blocked' && gatesOf(host).length === 0 ? 'rate-limited' : meant;
    return failedAnswer(reason, file, host, what, retryAfterMs(response));
  };
  const redirect = redirectOf(response);
  if (redirect) return redirect;
  switch (status) {
    case 401:
      return got('private');
    case 404:
    case 410:
      return got('missing');
    case 416:
      return got('range-mismatch');
    case 429:
      return got('blocked');
  }
  const succeeded = BYTES.has(status);
  // Drive names the type of what was uploaded: of nothing in the dataset is it HTML, but somebody's licence (`LICENSE.txt`) may be.
  const isPage = isHtml(response) && !file.path.endsWith('.txt');
  const isFile = succeeded && response.header('content-disposition') !== undefined;
  if (isFile && !isPage) return { kind: 'file' };
  if (status === 500) return documentOr(response, got('server-error'));
  if (!isHtml(response) || !TELLING_PAGES.has(status)) {
    return got(reasonOfStatus(response), `status ${status} without a Content-Disposition`);
  }
  const html = collectPage(await readPage(response.body));
  const frame = { url: response.url, status };
  // A file's page is nobody's word but that of whoever uploaded it.
  const page: DrivePage = isFile
    ? { kind: 'unknown', title: html.title }
    : classified(html, frame, mayBeUploaded(response));
  const name = `the page ${JSON.stringify(page.title)} with status ${status}`;
  switch (page.kind) {
    case 'confirm':
      return succeeded ? { kind: 'confirm', url: page.url } : got(reasonOfStatus(response), name);
    case 'refused':
      return got(page.reason, name);
    case 'unknown': {
      const reason = reasonOfStatus(response);
      const failed = got(reason, name);
      return reason === 'unknown-page' ? withSketch(failed, sketchPage(html, frame)) : failed;
    }
    default:
      return page satisfies never;
  }
}

/**
 * Somebody may have uploaded what comes so, and then it says what he likes. Google's own block comes there with a status of its
 * own, or from an address of its own.
 */
function mayBeUploaded({ status, url }: HttpResponse): boolean {
  return BYTES.has(status) && (isByteHost(url) || gatesOf(url.host).includes('google-api'));
}

function withSketch(answer: Failed, sketch: string): Failed {
  return { ...answer, failure: { ...answer.failure, sketch } };
}

/** A Google Docs document has no bytes, and fails with 500 at `uc`; `open` leads to its editor then. */
function documentOr({ url }: HttpResponse, failed: Failed): Answer {
  const id = url.searchParams.get('id');
  if (url.pathname !== '/uc' || id === null) return failed;
  const open = new URL('/open', url);
  open.searchParams.set('id', id);
  return { kind: 'look', url: open, failure: failed.failure };
}

function reasonOfStatus(response: HttpResponse): SourceFailureReason {
  switch (response.status) {
    case 200:
    case 206:
      return 'unknown-page';
    case 403:
      // On a byte host the link has gone stale; elsewhere it is a refusal that nobody has described yet.
      return isByteHost(response.url) ? 'stale-link' : 'unknown-page';
    default:
      return retryAfterMs(response) === undefined ? 'server-error' : 'rate-limited';
  }
}

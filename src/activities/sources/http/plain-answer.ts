import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { type Answer, failedAnswer, isHtml, redirectOf } from './answer.ts';
import type { HttpResponse } from './client.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a response of a host other than Google's means: by its status, and nothing that is HTML is the file. */
export function plainAnswer(response: HttpResponse, file: FileSpec): Answer {
  const { status } = response;
  const failed = (reason: Parameters<typeof failedAnswer>[0], wait?: number) =>
    failedAnswer(reason, file, response.url.host, `status ${status}`, wait);
  const redirect = redirectOf(response);
  if (redirect) return redirect;
  switch (status) {
    case 200:
    case 206:
      return isHtml(response)
        ? failedAnswer('unknown-page', file, response.url.host, `an HTML page with status ${status}`)
        : { kind: 'file' };
    case 401:
    case 403:
      return failed('private');
    case 404:
    case 410:
      return failed('missing');
    case 416:
      return failed('range-mismatch');
    case 429:
      return failed('rate-limited', retryAfterMs(response));
    default: {
      // Whoever names a wait is not broken, but busy.
      const wait = retryAfterMs(response);
      return failed(wait === undefined ? 'server-error' : 'rate-limited', wait);
    }
  }
}

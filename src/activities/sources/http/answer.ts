import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import {
  type SourceFailure,
  type SourceFailureReason,
  sourceFailure,
} from '../../../domain/failure/source-failure.ts';
import type { HttpResponse } from './client.ts';

/** What a response to a request for a file means. */
export type Answer =
  | { readonly kind: 'file' }
  | { readonly kind: 'redirect'; readonly location: string | undefined }
  /** The confirmation page: the same file, at another URL. */
  | { readonly kind: 'confirm'; readonly url: URL }
  /** Where another URL leads may say why; otherwise `failure` is it. */
  | { readonly kind: 'look'; readonly url: URL; readonly failure: SourceFailure }
  | Failed;

export interface Failed {
  readonly kind: 'failed';
  readonly failure: SourceFailure;
}

export function failedAnswer(
  reason: SourceFailureReason,
  file: FileSpec,
  host: string,
  got: string,
  retryAfterMs?: number,
): Failed {
  return { kind: 'failed', failure: notTheFile(reason, file, host, got, retryAfterMs) };
}

/** A failure's sentence: says the file and the host, never the URL, which may hold a signature. */
export function notTheFile(
  reason: SourceFailureReason,
  file: FileSpec,
  host: string,
  got: string,
  retryAfterMs?: number,
): SourceFailure {
  return sourceFailure(
    reason,
    `open [file=${file.path} host=${host}]: expected the file, got ${got}`,
    retryAfterMs,
  );
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The redirect that a response is, if it is one. */
export function redirectOf(response: HttpResponse): Answer | undefined {
  if (!REDIRECTS.has(response.status)) return undefined;
  return { kind: 'redirect', location: response.header('location') };
}

export function isHtml(response: HttpResponse): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(response.header('content-type') ?? '');
}

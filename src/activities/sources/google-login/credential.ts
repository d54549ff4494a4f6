import type { SourceFailure } from '../../../domain/failure/source-failure.ts';

/** What signs requests to Google's API; one per worker process. */
export interface GoogleCredential {
  readonly kind: 'api-key' | 'login' | 'service-account';
  /**
   * Headers that sign a request to Google's API, and go nowhere else.
   *
   * @param renew what was given before was answered with 401: bring another
   */
  headers(signal: AbortSignal, renew?: boolean): Promise<SignedHeaders>;
}

export type SignedHeaders =
  | { readonly status: 'signed'; readonly headers: Readonly<Record<string, string>> }
  | { readonly status: 'failed'; readonly failure: SourceFailure };

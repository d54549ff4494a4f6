import type { SavedCookies } from '../../../domain/network/cookie-file.ts';
import type { HttpClient } from './client.ts';

/** What sources that ask by HTTP act with. */
export interface HttpAccess {
  readonly http: HttpClient;
  /** As `parseAllowedHost` spells them. */
  readonly allowedHosts: readonly string[];
  /** The user's own, for ways that are Google's from their first URL on. */
  readonly cookies?: SavedCookies | undefined;
}

/** What any source may act with. */
export interface SourceTools extends HttpAccess {
  /** Values of the definition's `secrets`, by name; all are there. */
  readonly secrets: Readonly<Record<string, string>>;
}

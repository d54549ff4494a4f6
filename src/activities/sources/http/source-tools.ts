import type { ChainMemory } from '../../../domain/chain/chain-memory.ts';
import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import type { RateWindows } from '../../../domain/limits/rate-window.ts';
import type { MirrorBook } from '../../../domain/mirrors/mirror-book.ts';
import type { SavedCookies } from '../../../domain/network/cookie-file.ts';
import type { HttpClient } from './client.ts';
import type { OpenResult } from './file-body.ts';
import type { AskedRange, HttpRoute } from './walk.ts';

/** What sources that ask by HTTP act with. */
export interface HttpAccess {
  readonly http: HttpClient;
  /** As `parseAllowedHost` spells them. */
  readonly allowedHosts: readonly string[];
  /** How this worker asks for files by their own URL. @default by a walk, anonymously */
  readonly asks?: AskForUrl;
  /** The user's own, for ways that are Google's from their first URL on. */
  readonly cookies?: SavedCookies | undefined;
  /** What this process has seen so far. @default nothing */
  readonly memory?: SourceMemory;
}

/** What a worker process keeps of its sources from one Activity to the next; all of it is bounded. */
export interface SourceMemory {
  readonly mirrors: MirrorBook;
  readonly chains: ChainMemory;
  readonly windows: RateWindows;
  /** What was looked up and found good, in any words. */
  readonly good: Set<string>;
}

/** Asks for `[offset, end)` of the file that a URL leads to, by the route's client and to its hosts alone. */
export type AskForUrl = (
  route: HttpRoute,
  url: URL,
  file: FileSpec,
  range: AskedRange,
  signal: AbortSignal,
) => Promise<OpenResult>;

/** What any source may act with. */
export interface SourceTools extends HttpAccess {
  /** Values of the definition's `secrets`, by name; all are there. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Values of the definition's `settings`, of those that are set. @default none is */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Why a source did not give a file, as data. What an attempt makes of it: `verdictOf` in outcome.ts.
 *
 * | reason | what was seen |
 * |---|---|
 * | missing | the source says that there is no such file (404, ENOENT) |
 * | private | a login page, or 401 / 403 that asks for access |
 * | infected | Drive's "infected with a virus" page |
 * | not-downloadable | Google Docs type, download disabled by the owner |
 * | host-not-allowed | the file, or a redirect, leads to a host that is not allowed |
 * | unsafe-source-path | a local source path that leaves the source folder or is not a regular file |
 * | quota | Drive's quota page: this file, for hours |
 * | blocked | the "automated queries" page: this address, every file |
 * | network-down | no connection can be made at all: refused, no route, name not found |
 * | source-not-mounted | the local source folder is not there |
 * | connection | a connection was cut |
 * | timeout | headers or body did not come in time |
 * | server-error | 5xx, or any other status that promises nothing |
 * | rate-limited | 429 or 503 with a Retry-After, from a source other than Google's block page |
 * | stale-link | 403 of a byte host: start again from the first URL |
 * | unknown-page | HTML in place of the file, of no known kind |
 * | confirm-loop | the confirmation page came again after it was confirmed |
 * | redirect-loop | too many redirects, or one without a Location |
 * | short-body | fewer bytes than promised |
 * | oversized-body | more bytes than the file may have; cut off there |
 * | range-mismatch | 206 with another range or another total than was asked for |
 */
export const sourceFailureReasons = [
  'missing',
  'private',
  'infected',
  'not-downloadable',
  'host-not-allowed',
  'unsafe-source-path',
  'quota',
  'blocked',
  'network-down',
  'source-not-mounted',
  'connection',
  'timeout',
  'server-error',
  'rate-limited',
  'stale-link',
  'unknown-page',
  'confirm-loop',
  'redirect-loop',
  'short-body',
  'oversized-body',
  'range-mismatch',
] as const;
export type SourceFailureReason = (typeof sourceFailureReasons)[number];

export interface SourceFailure {
  readonly reason: SourceFailureReason;
  /** One line for people: what was asked, what came. Never holds credentials or cookies; at most 300 characters. */
  readonly detail: string;
  /** When the source itself named a wait (Retry-After), in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The only maker: part of a detail was said by strangers, so it becomes one printable line of at most 300 characters. */
export function sourceFailure(
  reason: SourceFailureReason,
  detail: string,
  retryAfterMs?: number,
): SourceFailure {
  const line = detail
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
  return { reason, detail: line, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Wait before a file with so many faults is tried again: 1, 2, 4, ... s, at most a minute. */
export function fileBackoffMs(faults: number): number {
  return Math.min(60 * SECOND, 2 ** Math.max(0, faults - 1) * SECOND);
}

/** How long a file under quota waits: what the source says, or what the user set, within a day. */
export function deferralMs(retryAfterMs: number | undefined, otherwiseMs: number): number {
  return Math.min(24 * HOUR, Math.max(SECOND, retryAfterMs ?? otherwiseMs));
}

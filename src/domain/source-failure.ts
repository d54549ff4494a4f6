import { type AlignFailureReason, alignFailureReasons } from './align-failure.ts';
import type { ContentFailureReason } from './content-failure.ts';

/**
 * Why a source did not give a file, as data. What to do about it is decided here and nowhere else.
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

/**
 * - `outcome`: no attempt can cure it; it is the file's outcome at once.
 * - `retry`: a fault of this file; counts as one of its attempts.
 * - `defer`: this file must wait for hours; its lane goes on without it.
 * - `stop`: concerns every file; the Activity's attempt ends at once and Temporal holds the wait. Counts for no file.
 */
export type SourceVerdict = 'outcome' | 'retry' | 'defer' | 'stop';

export function verdictOf(reason: SourceFailureReason): SourceVerdict {
  switch (reason) {
    case 'missing':
    case 'private':
    case 'infected':
    case 'not-downloadable':
    case 'host-not-allowed':
    case 'unsafe-source-path':
      return 'outcome';
    case 'quota':
      return 'defer';
    case 'blocked':
    case 'network-down':
    case 'source-not-mounted':
      return 'stop';
    case 'connection':
    case 'timeout':
    case 'server-error':
    case 'rate-limited':
    case 'stale-link':
    case 'unknown-page':
    case 'confirm-loop':
    case 'redirect-loop':
    case 'short-body':
    case 'oversized-body':
    case 'range-mismatch':
      return 'retry';
    default:
      return reason satisfies never;
  }
}

/**
 * Content faults are a file's own: another attempt may bring other bytes. A kind that we refuse stays what it is, and so
 * does what aligning found: the same bytes give the same pixels.
 */
export function verdictOfFault(
  reason: SourceFailureReason | ContentFailureReason | AlignFailureReason,
): SourceVerdict {
  if (isAlignFailure(reason)) return 'outcome';
  switch (reason) {
    case 'unsupported-png':
    case 'too-many-pixels':
    case 'unsafe-path':
    case 'not-on-disk':
      return 'outcome';
    case 'wrong-size':
    case 'wrong-md5':
    case 'not-a-png':
    case 'undecodable-png':
    case 'wrong-pixel-size':
    case 'wrong-pixel-md5':
      return 'retry';
    default:
      return verdictOf(reason);
  }
}

function isAlignFailure(reason: string): reason is AlignFailureReason {
  return alignFailureReasons.some((known) => known === reason);
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

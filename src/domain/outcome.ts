import type { ContentFailureReason } from './content-failure.ts';
import type { FileKind } from './file-spec.ts';
import type { SourceFailureReason } from './source-failure.ts';

export type FailureReason = SourceFailureReason | ContentFailureReason;

/**
 * What became of a file that was worked on.
 * - `stored`: fetched, verified, put in place. `adopted`: was there, verified now.
 * - `missing`: the source does not have it, or (when only looking) the disk does not.
 * - `refused`: it may not be fetched or kept. `corrupt`: its bytes are not what the manifest says.
 * - `unavailable`: attempts used up. `deferred`: must wait for hours; the shard takes it up again.
 */
export const failedOutcomes = ['missing', 'refused', 'corrupt', 'unavailable'] as const;
export type FailedOutcome = (typeof failedOutcomes)[number];
export type OutcomeKind = 'stored' | 'adopted' | 'deferred' | FailedOutcome;

/** A file that is not in the dataset, as the report lists it. */
export interface FileFailure {
  readonly kind: FileKind;
  readonly key: string;
  readonly path: string;
  readonly outcome: FailedOutcome;
  readonly reason: FailureReason;
  readonly detail: string;
  readonly attempts: number;
}

export function failedOutcomeOf(reason: FailureReason): FailedOutcome {
  switch (reason) {
    case 'missing':
    case 'not-on-disk':
      return 'missing';
    case 'private':
    case 'infected':
    case 'not-downloadable':
    case 'host-not-allowed':
    case 'unsafe-source-path':
    case 'unsafe-path':
    case 'unsupported-png':
    case 'too-many-pixels':
      return 'refused';
    case 'wrong-size':
    case 'wrong-md5':
    case 'not-a-png':
    case 'undecodable-png':
    case 'wrong-pixel-size':
    case 'wrong-pixel-md5':
      return 'corrupt';
    case 'quota':
    case 'blocked':
    case 'network-down':
    case 'source-not-mounted':
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
      return 'unavailable';
    default:
      return reason satisfies never;
  }
}

/** What a person can do about a failure; one sentence for the report. */
export function adviceFor(reason: FailureReason): string {
  switch (failedOutcomeOf(reason)) {
    case 'missing':
      return reason === 'not-on-disk'
        ? 'run `ffhq verify --repair` (or the download again) to fetch it'
        : 'the source no longer has it: give another source (--source), then start the run again';
    case 'refused':
      return reason === 'host-not-allowed'
        ? 'permit the host with --allow-host if you trust it, then start the run again'
        : 'look at the reason: this file is not fetched from this source as it is';
    case 'corrupt':
      return 'start the run again, or give another source: what came is not what the manifest promises';
    case 'unavailable':
      return 'start the run again later: exactly the unfinished files are tried again';
  }
}

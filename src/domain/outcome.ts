import type { AlignFailureReason } from './align-failure.ts';
import type { ContentFailureReason } from './content-failure.ts';
import type { FileKind } from './file-spec.ts';
import type { SourceFailureReason } from './source-failure.ts';

export type FailureReason = SourceFailureReason | ContentFailureReason | AlignFailureReason;

/**
 * What became of a file that was worked on.
 * - `stored`: fetched, verified, put in place. `adopted`: was there, verified now.
 * - `missing`: the source does not have it, or (when only looking) the disk does not.
 * - `refused`: it may not be fetched or kept. `corrupt`: its bytes are not what the manifest says.
 * - `different`: aligned, but not to the published pixels.
 * - `unavailable`: attempts used up. `deferred`: must wait for hours; the shard takes it up again.
 */
export const failedOutcomes = ['missing', 'refused', 'corrupt', 'different', 'unavailable'] as const;
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
    case 'missing-original':
      return 'missing';
    case 'private':
    case 'infected':
    case 'not-downloadable':
    case 'host-not-allowed':
    case 'unsafe-source-path':
    case 'unsafe-path':
    case 'unsupported-png':
    case 'too-many-pixels':
    case 'unsupported-original':
    case 'bad-landmarks':
    case 'degenerate-face':
    case 'rejected-crop':
    case 'crop-outside':
      return 'refused';
    case 'wrong-size':
    case 'wrong-md5':
    case 'not-a-png':
    case 'undecodable-png':
    case 'wrong-pixel-size':
    case 'wrong-pixel-md5':
    case 'wrong-original':
    case 'undecodable-original':
      return 'corrupt';
    case 'different':
    case 'different-file':
      return 'different';
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
    case 'out-of-memory':
    case 'thread-died':
      return 'unavailable';
    default:
      return reason satisfies never;
  }
}

/** What a person can do about a failure; one sentence for the report. */
export function adviceFor(reason: FailureReason): string {
  const ofAligning = adviceForAligning(reason);
  if (ofAligning !== undefined) return ofAligning;
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
    case 'different':
      return 'start the run again, or give another source: what came is not what the manifest promises';
    case 'unavailable':
      return 'start the run again later: exactly the unfinished files are tried again';
  }
}

function adviceForAligning(reason: FailureReason): string | undefined {
  switch (reason) {
    case 'missing-original':
      return 'fetch the originals with --wilds, or say where they lie with --source-dir, then start the run again';
    case 'wrong-original':
    case 'undecodable-original':
      return 'run `ffhq verify --wilds --repair` on the folder of the originals, then align again';
    case 'unsupported-original':
      return 'the reference gives no sound result for this kind of picture: convert it to 8-bit RGB if you need it';
    case 'different':
      return 'the picture is stored, but is not the published one: check the original, and report it if that is right';
    case 'different-file':
      return 'the pixels are identical; the published file was written by another zlib';
    case 'bad-landmarks':
    case 'degenerate-face':
    case 'crop-outside':
      return 'look at the landmarks of this record: no face can be cut out by them';
    case 'rejected-crop':
      return 'a smaller --random-shift, or no --retry-crops, lets this face be cut';
    case 'out-of-memory':
    case 'thread-died':
      return 'start the run again with fewer --align_threads: exactly the unfinished pictures are aligned again';
    default:
      return undefined;
  }
}

import type { FileKind } from '../dataset/file-spec.ts';
import type { AlignFailureReason } from './align-failure.ts';
import type { ContentFailureReason } from './content-failure.ts';
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

/**
 * What an attempt makes of a failure.
 * - `outcome`: no attempt can cure it; it is the file's outcome at once.
 * - `retry`: a fault of this file; counts as one of its attempts.
 * - `defer`: this file must wait for hours; its lane goes on without it.
 * - `stop`: concerns every file; the Activity's attempt ends at once and Temporal holds the wait. Counts for no file.
 */
export type Verdict = 'outcome' | 'retry' | 'defer' | 'stop';

/**
 * Every reason: what an attempt makes of it, and what the file is when it stays so. Content faults are a file's own:
 * another attempt may bring other bytes. A kind that we refuse stays what it is, and so does what aligning found: the
 * same bytes give the same pixels.
 */
const meanings = {
  missing: { verdict: 'outcome', outcome: 'missing' },
  'not-on-disk': { verdict: 'outcome', outcome: 'missing' },
  'missing-original': { verdict: 'outcome', outcome: 'missing' },
  private: { verdict: 'outcome', outcome: 'refused' },
  infected: { verdict: 'outcome', outcome: 'refused' },
  'not-downloadable': { verdict: 'outcome', outcome: 'refused' },
  'host-not-allowed': { verdict: 'outcome', outcome: 'refused' },
  'unsafe-source-path': { verdict: 'outcome', outcome: 'refused' },
  'unsafe-path': { verdict: 'outcome', outcome: 'refused' },
  'unsupported-png': { verdict: 'outcome', outcome: 'refused' },
  'too-many-pixels': { verdict: 'outcome', outcome: 'refused' },
  'unsupported-original': { verdict: 'outcome', outcome: 'refused' },
  'bad-landmarks': { verdict: 'outcome', outcome: 'refused' },
  'degenerate-face': { verdict: 'outcome', outcome: 'refused' },
  'rejected-crop': { verdict: 'outcome', outcome: 'refused' },
  'crop-outside': { verdict: 'outcome', outcome: 'refused' },
  'wrong-size': { verdict: 'retry', outcome: 'corrupt' },
  'wrong-md5': { verdict: 'retry', outcome: 'corrupt' },
  'not-a-png': { verdict: 'retry', outcome: 'corrupt' },
  'undecodable-png': { verdict: 'retry', outcome: 'corrupt' },
  'wrong-pixel-size': { verdict: 'retry', outcome: 'corrupt' },
  'wrong-pixel-md5': { verdict: 'retry', outcome: 'corrupt' },
  'wrong-original': { verdict: 'outcome', outcome: 'corrupt' },
  'undecodable-original': { verdict: 'outcome', outcome: 'corrupt' },
  different: { verdict: 'outcome', outcome: 'different' },
  'different-file': { verdict: 'outcome', outcome: 'different' },
  quota: { verdict: 'defer', outcome: 'unavailable' },
  blocked: { verdict: 'stop', outcome: 'unavailable' },
  'network-down': { verdict: 'stop', outcome: 'unavailable' },
  'source-not-mounted': { verdict: 'stop', outcome: 'unavailable' },
  connection: { verdict: 'retry', outcome: 'unavailable' },
  timeout: { verdict: 'retry', outcome: 'unavailable' },
  'server-error': { verdict: 'retry', outcome: 'unavailable' },
  'rate-limited': { verdict: 'retry', outcome: 'unavailable' },
  'stale-link': { verdict: 'retry', outcome: 'unavailable' },
  'unknown-page': { verdict: 'retry', outcome: 'unavailable' },
  'confirm-loop': { verdict: 'retry', outcome: 'unavailable' },
  'redirect-loop': { verdict: 'retry', outcome: 'unavailable' },
  'short-body': { verdict: 'retry', outcome: 'unavailable' },
  'oversized-body': { verdict: 'retry', outcome: 'unavailable' },
  'range-mismatch': { verdict: 'retry', outcome: 'unavailable' },
  'out-of-memory': { verdict: 'outcome', outcome: 'unavailable' },
  'thread-died': { verdict: 'outcome', outcome: 'unavailable' },
} as const satisfies Record<FailureReason, { readonly verdict: Verdict; readonly outcome: FailedOutcome }>;

export function failedOutcomeOf(reason: FailureReason): FailedOutcome {
  return meanings[reason].outcome;
}

export function verdictOf(reason: FailureReason): Verdict {
  return meanings[reason].verdict;
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

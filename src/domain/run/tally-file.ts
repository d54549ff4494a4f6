import type { FailureReason } from '../failure/reasons.ts';
import { accepted, emptyTally, identical, type Tally } from './progress.ts';

/** What is known of a file that was settled; `source`: who gave it. */
interface Known {
  readonly isIdentical?: boolean;
  readonly isAccepted?: boolean;
  readonly source?: string | undefined;
}

/** One settled file as a tally of its own; `files` and `bytes` stay 0 because the plan has counted them. */
export function doneTally(
  bytes: number,
  fetched: boolean,
  { isIdentical = false, isAccepted = false, source }: Known = {},
): Tally {
  return {
    ...emptyTally,
    doneFiles: 1,
    doneBytes: bytes,
    ...(fetched ? { fetchedFiles: 1, fetchedBytes: bytes } : {}),
    ...(fetched && source !== undefined ? { sources: { [source]: { files: 1, bytes } } } : {}),
    ...identical(isIdentical ? 1 : 0),
    ...accepted(isAccepted ? 1 : 0),
  };
}

export function failedTally(key: string, reason: FailureReason): Tally {
  return { ...emptyTally, failedFiles: 1, failures: { [reason]: { count: 1, first: [key] } } };
}

export const deferredTally: Tally = { ...emptyTally, deferredFiles: 1 };

import type { FailureReason } from '../failure/reasons.ts';
import { emptyTally, identical, type Tally } from './progress.ts';

/** One settled file as a tally of its own; `files` and `bytes` stay 0 because the plan has counted them. */
export function doneTally(bytes: number, fetched: boolean, isIdentical = false): Tally {
  return {
    ...emptyTally,
    doneFiles: 1,
    doneBytes: bytes,
    ...(fetched ? { fetchedFiles: 1, fetchedBytes: bytes } : {}),
    ...identical(isIdentical ? 1 : 0),
  };
}

export function failedTally(key: string, reason: FailureReason): Tally {
  return { ...emptyTally, failedFiles: 1, failures: { [reason]: { count: 1, first: [key] } } };
}

export const deferredTally: Tally = { ...emptyTally, deferredFiles: 1 };

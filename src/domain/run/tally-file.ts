import type { FailureReason } from '../failure/reasons.ts';
import { emptyTally, identical, type Tally } from './progress.ts';

/** One settled file as a tally of its own; `files` and `bytes` stay 0 because the plan has counted them. */
/** @param source who gave it, if that is known */
export function doneTally(bytes: number, fetched: boolean, isIdentical = false, source?: string): Tally {
  return {
    ...emptyTally,
    doneFiles: 1,
    doneBytes: bytes,
    ...(fetched ? { fetchedFiles: 1, fetchedBytes: bytes } : {}),
    ...(fetched && source !== undefined ? { sources: { [source]: { files: 1, bytes } } } : {}),
    ...identical(isIdentical ? 1 : 0),
  };
}

export function failedTally(key: string, reason: FailureReason): Tally {
  return { ...emptyTally, failedFiles: 1, failures: { [reason]: { count: 1, first: [key] } } };
}

export const deferredTally: Tally = { ...emptyTally, deferredFiles: 1 };

import type { PurgeResult } from '../../domain/exclusion/purge.ts';
import { keptOf, object, whole } from '../../domain/signing/checks.ts';

const count = whole(0, Number.MAX_SAFE_INTEGER);
const isPurgeResult = object({ records: count, files: count, bytes: count, left: count });

/** The result of a purge; undefined for what is none, or of another version. */
export function readPurgeResult(answer: unknown): PurgeResult | undefined {
  return isPurgeResult(answer) === undefined ? (keptOf(isPurgeResult, answer) as PurgeResult) : undefined;
}

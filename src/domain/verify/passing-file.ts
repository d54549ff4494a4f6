import type { RunRequest } from '../run/request.ts';
import {
  type Incarnation,
  lastSeen,
  type SeenRecord,
  type VerificationRecord,
} from './verification-record.ts';

/**
 * The record by which an original may go: it was fetched to go once it has served, or that was decided already, and it is
 * the very file that lies there. Whoever put another one in its place keeps it, also one of the same size and time; and
 * a run that kept it since said so.
 */
export function recordOfPassing(
  records: readonly VerificationRecord[] | undefined,
  there: Incarnation & { readonly born: string },
): SeenRecord | undefined {
  const ofThis = (records ?? []).filter(
    (record): record is SeenRecord =>
      record.how !== 'damaged' && record.size === there.size && record.mtime === there.mtime,
  );
  const decided = ofThis.findLast(({ how }) => how === 'discarded');
  // A disk that does not tell when a file came to be cannot tell a backup's copy from what was to go.
  if (decided !== undefined && (there.born === '0' || decided.born !== there.born)) return undefined;
  const latest = ofThis.at(-1);
  // Whoever kept it after that has the last word.
  if (latest?.how !== 'discarded' && latest?.passing !== true) return undefined;
  return decided ?? latest;
}

/** Was it put or kept here by a run that did not mean it to go? Then it stays, and is missed once it is gone. */
export function isKept(records: readonly VerificationRecord[] | undefined): boolean {
  const latest = lastSeen(records);
  return latest !== undefined && latest.how !== 'discarded' && latest.passing !== true;
}

/** Does a run that lets no original go leave this one as it is? Then it says so, or the next run with the flag would. */
export function mustBeKept(record: SeenRecord, request: Pick<RunRequest, 'fetch' | 'align'>): boolean {
  return record.passing === true && request.fetch === 'missing' && request.align?.discardOriginals !== true;
}

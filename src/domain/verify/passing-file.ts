import {
  type Incarnation,
  lastSeen,
  type SeenRecord,
  type VerificationRecord,
} from './verification-record.ts';

/**
 * The record by which an original may go: it was fetched to go once it has served, or that was decided already, and it is
 * the very file that lies there. Whoever put another one in its place keeps it, also one of the same size and time.
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
  if (decided !== undefined) return decided.born === there.born ? decided : undefined;
  return ofThis.findLast(({ how, passing }) => how === 'stored' && passing === true);
}

/** Was it put or kept here by a run that did not mean it to go? Then it stays, and is missed once it is gone. */
export function isKept(records: readonly VerificationRecord[] | undefined): boolean {
  const latest = lastSeen(records);
  return latest !== undefined && latest.how !== 'discarded' && latest.passing !== true;
}

import type { SeenRecord, VerificationRecord } from './verification-record.ts';

/**
 * The record by which an original may go: it was fetched to go once it has served, or that was decided already, and it is
 * the very file that lies there. Whoever put another one in its place keeps it.
 */
export function recordOfPassing(
  records: readonly VerificationRecord[] | undefined,
  onDisk: { readonly size: number; readonly mtime: string },
): SeenRecord | undefined {
  const ofThis = (records ?? []).filter(
    (record): record is SeenRecord =>
      record.how !== 'damaged' && record.size === onDisk.size && record.mtime === onDisk.mtime,
  );
  return (
    ofThis.find(({ how }) => how === 'discarded') ??
    ofThis.findLast(({ how, passing }) => how === 'stored' && passing === true)
  );
}

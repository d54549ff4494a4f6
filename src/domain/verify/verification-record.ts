import { md5Of } from '../dataset/digest.ts';
import type { FileSpec } from '../dataset/file-spec.ts';
import type { Md5 } from '../dataset/ids.ts';
import type { FailureReason } from '../failure/reasons.ts';
import { compareSize } from './compare-content.ts';

/*
 * What is known of a file is what its records say, the latest first. A record speaks of one incarnation of the file:
 * these bytes under this name, told by size and mtime. Of an incarnation the latest record counts:
 *
 *   stored, adopted   its bytes were read back and are what they should be
 *   damaged           its bytes were read and are not: voids whatever was noted of it before
 *   discarded         it had served and was to be removed; while it lies there still, it is what was noted before
 *
 * A file that is written anew is another incarnation, of which older records say nothing.
 */

interface FileNote {
  /** Relative to OUT. */
  readonly file: string;
  readonly size: number;
  /** Nanoseconds since the epoch, in decimal: more than a double holds. */
  readonly mtime: string;
  /** First Run Id of the run that saw it. */
  readonly run: string;
  /** ISO 8601; for people. Orders only records of before there was `turn`: hosts' clocks differ, and jump. */
  readonly at: string;
  /** One more than the highest that its writer knew of for this file: records in the order in which they were made. */
  readonly turn?: number;
}

/** These bytes were seen under this name and were right, or had served. */
export interface SeenRecord extends FileNote {
  readonly how: 'stored' | 'adopted' | 'discarded';
  readonly md5: Md5;
  readonly pixelMd5?: Md5;
  /** Not the very file of the manifest: another encoding of its picture, which the run took by its pixels. */
  readonly accepted?: 'pixels';
  /** Of an aligned picture: digest of everything that it was made by. */
  readonly recipe?: Md5;
  /** Fetched by a run that lets originals go once they have served: only such a file is ever discarded. */
  readonly passing?: true;
  /** Of `discarded`: when the file that goes came to be, so that one of the same size and time that is put back stays. */
  readonly born?: string;
  /** Of a file without a published digest: {@link originOf} what was stored. */
  readonly from?: Md5;
  /** Who gave it, shortly and without secrets; absent: it was there, or was made here. */
  readonly source?: string;
  /** Of the same bytes as `md5`, once somebody asked for it. */
  readonly sha256?: string;
}

/** These bytes were seen under this name and were wrong. */
export interface DamagedRecord extends FileNote {
  readonly how: 'damaged';
  readonly reason: FailureReason;
  readonly detail: string;
  /** Its ctime, in nanoseconds: whoever touched it since, if only to put the right bytes back with their time, has it looked at again. */
  readonly touched?: string;
  /** Of a file of records: the damaged ones, as ranges; the others are right. */
  readonly records?: string;
}

/** One line of `.ffhq/verified`. */
export type VerificationRecord = SeenRecord | DamagedRecord;

/** Size and mtime of a file as it lies there now. */
export interface Incarnation {
  readonly size: number;
  readonly mtime: string;
}

export function isVerificationRecord(value: unknown): value is VerificationRecord {
  if (value === null || typeof value !== 'object') return false;
  const record = value as Record<string, unknown>;
  const isNote =
    typeof record.file === 'string' &&
    typeof record.size === 'number' &&
    typeof record.mtime === 'string' &&
    typeof record.run === 'string' &&
    typeof record.at === 'string' &&
    (record.turn === undefined || isTurn(record.turn));
  if (!isNote) return false;
  if (record.how === 'damaged')
    return (
      typeof record.reason === 'string' &&
      typeof record.detail === 'string' &&
      isTextOrAbsent(record.touched) &&
      isTextOrAbsent(record.records)
    );
  return (
    isTextOrAbsent(record.born) &&
    isTextOrAbsent(record.from) &&
    isTextOrAbsent(record.source) &&
    isSha256OrAbsent(record.sha256) &&
    typeof record.md5 === 'string' &&
    (record.accepted === undefined || record.accepted === 'pixels') &&
    (record.how === 'stored' || record.how === 'adopted' || record.how === 'discarded')
  );
}

/** Whoever wrote another number into a record left none above it for those to come. */
function isTurn(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 40;
}

function isSha256OrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** Orders the records of one file, oldest first. */
export function compareRecords(a: VerificationRecord, b: VerificationRecord): number {
  return turnOf(a) - turnOf(b) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
}

/** The turn of a file's next record. */
export function nextTurn(records: readonly VerificationRecord[] | undefined): number {
  return (records ?? []).reduce((turn, record) => Math.max(turn, turnOf(record)), 0) + 1;
}

function turnOf({ turn = 0 }: VerificationRecord): number {
  return turn;
}

/**
 * The latest record of a file as it lies there now: what is known of it.
 *
 * @param records oldest first
 */
export function knownOf(
  records: readonly VerificationRecord[] | undefined,
  there: Incarnation,
): VerificationRecord | undefined {
  return records?.findLast(
    ({ size, mtime, how }) => how !== 'discarded' && size === there.size && mtime === there.mtime,
  );
}

/** The SHA-256 of a file of which `known` is known, if any record of these very bytes has it. */
export function sha256Known(
  records: readonly VerificationRecord[] | undefined,
  known: SeenRecord,
): string | undefined {
  const same = records?.findLast(
    (record): record is SeenRecord =>
      record.how !== 'damaged' &&
      record.sha256 !== undefined &&
      record.size === known.size &&
      record.mtime === known.mtime &&
      record.md5 === known.md5,
  );
  return same?.sha256;
}

/** What is known of a file as it lies there, if that is the one that the manifest wants. */
export function findVouchingRecord(
  spec: FileSpec,
  records: readonly VerificationRecord[] | undefined,
  there: Incarnation,
): SeenRecord | undefined {
  const record = knownOf(records, there);
  if (record === undefined || record.how === 'damaged') return undefined;
  if (record.accepted !== undefined) return isAccepted(spec, record) ? record : undefined;
  return compareSize(spec, there.size) === undefined &&
    (spec.md5 === undefined ? isFrom(spec, record) : record.md5 === spec.md5) &&
    (spec.pixels === undefined || record.pixelMd5 === spec.pixels.md5)
    ? record
    : undefined;
}

/** Only whoever asks for no more takes another encoding. */
function isAccepted({ accepts, pixels }: FileSpec, { accepted, pixelMd5 }: SeenRecord): boolean {
  return accepts !== undefined && accepts === accepted && pixels !== undefined && pixelMd5 === pixels.md5;
}

/**
 * Where a file comes from whose digest nobody published: digest of its URL, so that no secret in it is noted. What was
 * stored from elsewhere says nothing of it. Undefined: its own digest tells whether it is right.
 */
export function originOf({ md5, url }: FileSpec): Md5 | undefined {
  return md5 === undefined && url !== '' ? md5Of(Buffer.from(url)) : undefined;
}

/** Records of older versions do not say where their file came from. */
function isFrom(spec: FileSpec, { from }: SeenRecord): boolean {
  return from === undefined || from === originOf(spec);
}

/** The digest of what was last stored of a file that has no published one. */
export function lastDigest(
  spec: FileSpec,
  records: readonly VerificationRecord[] | undefined,
): Md5 | undefined {
  const seen = (record: VerificationRecord): record is SeenRecord =>
    record.how !== 'damaged' && isFrom(spec, record);
  return records?.findLast(seen)?.md5;
}

/** The record that says that the file was removed on purpose, if nothing was put in its place since. */
export function discardOf(records: readonly VerificationRecord[] | undefined): SeenRecord | undefined {
  const latest = records?.at(-1);
  return latest?.how === 'discarded' ? latest : undefined;
}

/** The latest record of bytes that were right, whatever became of them since. */
export function lastSeen(records: readonly VerificationRecord[] | undefined): SeenRecord | undefined {
  return records?.findLast((record): record is SeenRecord => record.how !== 'damaged');
}

/**
 * The records of one file that still say something: the latest of each of its incarnations, that it may go, that it
 * went, and its SHA-256.
 *
 * @param records oldest first
 */
export function withoutOutdated(records: readonly VerificationRecord[]): VerificationRecord[] {
  const latest = new Map<string, VerificationRecord>();
  for (const record of records) {
    const key = JSON.stringify([
      record.size,
      record.mtime,
      record.how === 'discarded',
      record.how !== 'damaged' && record.passing,
      record.how !== 'damaged' && record.sha256,
    ]);
    // In the order of the latest ones.
    latest.delete(key);
    latest.set(key, record);
  }
  return [...latest.values()];
}

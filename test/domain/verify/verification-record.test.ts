import { expect, test } from 'vitest';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import {
  compareRecords,
  type DamagedRecord,
  discardOf,
  findVouchingRecord,
  isVerificationRecord,
  nextTurn,
  type SeenRecord,
  sha256Known,
  withoutOutdated,
} from '../../../src/domain/verify/verification-record.ts';

const md5 = (digit: string) => digit.repeat(32) as Md5;

const spec: FileSpec = {
  kind: 'wilds',
  key: '1',
  url: '',
  path: 'x.png',
  size: 10,
  md5: md5('a'),
  pixels: { width: 4, height: 3, md5: md5('b') },
};

const record: SeenRecord = {
  file: 'x.png',
  size: 10,
  mtime: '5',
  md5: md5('a'),
  pixelMd5: md5('b'),
  how: 'stored',
  run: 'r',
  at: '2026-01-01T00:00:00.000Z',
  turn: 1,
};
const onDisk = { size: 10, mtime: '5' };

function damaged(changes: Partial<DamagedRecord> = {}): DamagedRecord {
  const { file, size, mtime, run, at } = record;
  return { file, size, mtime, run, at, how: 'damaged', reason: 'wrong-md5', detail: '', turn: 2, ...changes };
}

test('a record vouches only for the same bytes: size, mtime, digests and what the manifest wants all agree', () => {
  const vouched = (changes: Partial<SeenRecord>, seen = onDisk) =>
    findVouchingRecord(spec, [{ ...record, ...changes }], seen) !== undefined;
  expect(vouched({})).toBe(true);
  expect(vouched({ mtime: '6' })).toBe(false);
  expect(vouched({ size: 11 })).toBe(false);
  expect(vouched({ md5: md5('c') })).toBe(false);
  expect(vouched({ pixelMd5: md5('c') })).toBe(false);
  expect(vouched({}, { size: 11, mtime: '5' })).toBe(false);
  expect(findVouchingRecord(spec, undefined, onDisk)).toBeUndefined();
  // The last one counts: it says who saw it last.
  expect(findVouchingRecord(spec, [record, { ...record, run: 'later' }], onDisk)?.run).toBe('later');
});

test('damage voids what was noted before it, and nothing of a file that was written since', () => {
  expect(findVouchingRecord(spec, [record, damaged()], onDisk)).toBeUndefined();
  const repaired = { ...record, mtime: '6', turn: 3 };
  expect(findVouchingRecord(spec, [record, damaged(), repaired], { ...onDisk, mtime: '6' })).toBe(repaired);
  // The damaged bytes back in place, by a lost rename or a backup: still known to be wrong.
  expect(findVouchingRecord(spec, [record, damaged(), repaired], onDisk)).toBeUndefined();
  // Looked at again and found right: somebody mended it in place.
  const mended: SeenRecord = { ...record, how: 'adopted', turn: 3 };
  expect(findVouchingRecord(spec, [record, damaged(), mended], onDisk)).toBe(mended);
});

test('records are ordered by their turns, whatever the clocks of their writers said', () => {
  const wrongClock = damaged({ at: '1999-01-01T00:00:00.000Z' });
  expect([wrongClock, record].sort(compareRecords)).toEqual([record, wrongClock]);
  expect(nextTurn([record, wrongClock])).toBe(3);
  expect(nextTurn(undefined)).toBe(1);
  // Of before there were turns: by time, and before all others.
  const { turn: _, ...old } = record;
  const older = { ...old, at: '2025-01-01T00:00:00.000Z' };
  expect([record, old, older].sort(compareRecords)).toEqual([older, old, record]);
});

test('a discarded file that lies there still is what was noted before; one that is gone was removed on purpose', () => {
  const discarded: SeenRecord = { ...record, how: 'discarded', turn: 2 };
  expect(findVouchingRecord(spec, [record, discarded], onDisk)).toBe(record);
  expect(discardOf([record, discarded])).toBe(discarded);
  expect(discardOf([record, discarded, { ...record, mtime: '7', turn: 3 }])).toBeUndefined();
  expect(discardOf(undefined)).toBeUndefined();
});

test('outdated records are those that a later one of the same incarnation replaces', () => {
  const seenAgain = { ...record, run: 'later', turn: 2 };
  const anew = { ...record, mtime: '6', turn: 3 };
  const discarded: SeenRecord = { ...anew, how: 'discarded', turn: 4 };
  const kept = withoutOutdated([record, seenAgain, anew, discarded]);
  expect(kept).toEqual([seenAgain, anew, discarded]);
  for (const there of [onDisk, { size: 10, mtime: '6' }])
    expect(findVouchingRecord(spec, kept, there)).toEqual(
      findVouchingRecord(spec, [record, seenAgain, anew, discarded], there),
    );
});

test('a SHA-256 is known of the very bytes that it was computed of, also after later looks and merging', () => {
  const sha256 = 'd'.repeat(64);
  const hashed: SeenRecord = { ...record, sha256, turn: 2 };
  const seenAgain: SeenRecord = { ...record, run: 'verify', turn: 3 };
  for (const records of [[record, hashed, seenAgain], withoutOutdated([record, hashed, seenAgain])]) {
    expect(findVouchingRecord(spec, records, onDisk)).toBe(seenAgain);
    expect(sha256Known(records, seenAgain)).toBe(sha256);
    expect(sha256Known(records, { ...seenAgain, mtime: '6' })).toBeUndefined();
    expect(sha256Known(records, { ...seenAgain, md5: md5('c') })).toBeUndefined();
  }
  expect(sha256Known([record], record)).toBeUndefined();
  expect(isVerificationRecord(hashed)).toBe(true);
  expect(isVerificationRecord({ ...hashed, sha256: 'short' })).toBe(false);
});

test('only whole records are read back', () => {
  const whole = { file: 'x', size: 1, mtime: '1', md5: md5('a'), how: 'adopted', run: 'r', at: '' };
  expect(isVerificationRecord(whole)).toBe(true);
  for (const field of ['file', 'size', 'mtime', 'md5', 'how', 'run'])
    expect(isVerificationRecord({ ...whole, [field]: undefined })).toBe(false);
  const wrong = {
    file: 'x',
    size: 1,
    mtime: '1',
    how: 'damaged',
    reason: 'wrong-md5',
    detail: '',
    run: 'r',
    at: '',
  };
  expect(isVerificationRecord(wrong)).toBe(true);
  for (const field of ['reason', 'detail', 'run'])
    expect(isVerificationRecord({ ...wrong, [field]: undefined })).toBe(false);
  for (const value of [null, 'x', 5, []]) expect(isVerificationRecord(value)).toBe(false);
});

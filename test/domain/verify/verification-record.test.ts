import { expect, test } from 'vitest';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import {
  findVouchingRecord,
  isVerificationRecord,
  type VerificationRecord,
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

test('a record vouches only for the same bytes: size, mtime, digests and what the manifest wants all agree', () => {
  const record: VerificationRecord = {
    file: 'x.png',
    size: 10,
    mtime: '5',
    md5: md5('a'),
    pixelMd5: md5('b'),
    how: 'stored',
    run: 'r',
    at: '',
  };
  const onDisk = { size: 10, mtime: '5' };
  const vouched = (changes: Partial<VerificationRecord>, seen = onDisk) =>
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

test('only whole records are read back', () => {
  const whole = { file: 'x', size: 1, mtime: '1', md5: md5('a'), how: 'adopted', run: 'r', at: '' };
  expect(isVerificationRecord(whole)).toBe(true);
  for (const field of ['file', 'size', 'mtime', 'md5', 'how', 'run'])
    expect(isVerificationRecord({ ...whole, [field]: undefined })).toBe(false);
  for (const value of [null, 'x', 5, []]) expect(isVerificationRecord(value)).toBe(false);
});

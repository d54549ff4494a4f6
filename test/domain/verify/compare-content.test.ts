import { expect, test } from 'vitest';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import {
  comparePngHeader,
  isVerificationRecord,
  isVouchedFor,
  MAX_PIXELS,
  parsePngHeader,
  rawChannels,
  type VerificationRecord,
} from '../../../src/domain/verify/compare-content.ts';

const md5 = (digit: string) => digit.repeat(32) as Md5;

function headerBytes(width: number, height: number, bitDepth = 8, colourType = 2): Uint8Array {
  const bytes = new Uint8Array(33);
  const view = new DataView(bytes.buffer);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes.set([bitDepth, colourType], 24);
  return bytes;
}

function spec(width: number, height: number): FileSpec & Required<Pick<FileSpec, 'pixels'>> {
  return {
    kind: 'wilds',
    key: '1',
    url: '',
    path: 'x.png',
    size: 10,
    md5: md5('a'),
    pixels: { width, height, md5: md5('b') },
  };
}

const verdict = (width: number, height: number, bytes: Uint8Array) =>
  comparePngHeader(spec(width, height), parsePngHeader(bytes))?.reason;

test('a picture is judged by its header before anything is decoded', () => {
  expect(verdict(4, 3, headerBytes(4, 3))).toBeUndefined();
  expect(verdict(4, 3, headerBytes(3, 4))).toBe('wrong-pixel-size');
  expect(verdict(60_000, 60_000, headerBytes(60_000, 60_000))).toBe('too-many-pixels');
  expect(verdict(4, 3, headerBytes(60_000, 60_000))).toBe('wrong-pixel-size');
  // 200 megapixels, as the largest that must pass.
  expect(verdict(20_000, 10_000, headerBytes(20_000, 10_000))).toBeUndefined();
  expect(20_000 * 10_000).toBeLessThan(MAX_PIXELS);
  expect(verdict(4, 3, headerBytes(4, 3, 16))).toBe('unsupported-png');
  expect(verdict(4, 3, headerBytes(4, 3, 8, 3))).toBe('unsupported-png');
  expect(verdict(4, 3, new Uint8Array(33))).toBe('not-a-png');
  expect(verdict(4, 3, headerBytes(4, 3).subarray(0, 32))).toBe('not-a-png');
});

test('raw pixels have the channels that the reference would hash', () => {
  const channels = (colourType: number) =>
    rawChannels({ width: 1, height: 1, bitDepth: 8, colourType, interlaced: false });
  expect([0, 2, 3, 4, 6].map(channels)).toEqual([1, 3, undefined, undefined, 4]);
});

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
    isVouchedFor(spec(4, 3), [{ ...record, ...changes }], seen) !== undefined;
  expect(vouched({})).toBe(true);
  expect(vouched({ mtime: '6' })).toBe(false);
  expect(vouched({ size: 11 })).toBe(false);
  expect(vouched({ md5: md5('c') })).toBe(false);
  expect(vouched({ pixelMd5: md5('c') })).toBe(false);
  expect(vouched({}, { size: 11, mtime: '5' })).toBe(false);
  expect(isVouchedFor(spec(4, 3), undefined, onDisk)).toBeUndefined();
  // The last one counts: it says who saw it last.
  expect(isVouchedFor(spec(4, 3), [record, { ...record, run: 'later' }], onDisk)?.run).toBe('later');
});

test('only whole records are read back', () => {
  const whole = { file: 'x', size: 1, mtime: '1', md5: md5('a'), how: 'adopted', run: 'r', at: '' };
  expect(isVerificationRecord(whole)).toBe(true);
  for (const field of ['file', 'size', 'mtime', 'md5', 'how', 'run'])
    expect(isVerificationRecord({ ...whole, [field]: undefined })).toBe(false);
  for (const value of [null, 'x', 5, []]) expect(isVerificationRecord(value)).toBe(false);
});

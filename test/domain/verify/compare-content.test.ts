import { expect, test } from 'vitest';
import type { FileSpec } from '../../../src/domain/dataset/file-spec.ts';
import type { Md5 } from '../../../src/domain/dataset/ids.ts';
import { MAX_PIXELS, parsePngHeader } from '../../../src/domain/png/png-header.ts';
import { comparePngHeader } from '../../../src/domain/verify/compare-content.ts';

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

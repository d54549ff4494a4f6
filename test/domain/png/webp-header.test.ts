import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readWebpHeader } from '../../../src/domain/png/webp-header.ts';

const picture = sharp(Buffer.alloc(40 * 30 * 3, 90), { raw: { width: 40, height: 30, channels: 3 } });
const lossless = await picture.clone().webp({ lossless: true }).toBuffer();

test('a lossless WebP says its size, also with metadata before its pixels', async () => {
  expect(readWebpHeader(lossless)).toEqual({ width: 40, height: 30 });
  const framed = await picture
    .clone()
    .withExif({ IFD0: { Artist: 'x' } })
    .webp({ lossless: true })
    .toBuffer();
  expect(framed.toString('latin1', 12, 16)).toBe('VP8X');
  expect(readWebpHeader(framed)).toEqual({ width: 40, height: 30 });
});

test('the largest that the format knows is read', () => {
  const largest = Buffer.from(lossless);
  largest.writeUInt32LE(0x0fffffff, 21);
  expect(readWebpHeader(largest)).toEqual({ width: 16_384, height: 16_384 });
});

test('a lossy one is told by its chunks, with or without alpha', async () => {
  expect(readWebpHeader(await picture.clone().webp({ quality: 80 }).toBuffer())).toMatchObject({
    isLossy: true,
  });
  const alpha = await picture.clone().ensureAlpha(0.5).webp({ quality: 80 }).toBuffer();
  expect(readWebpHeader(alpha)).toMatchObject({ isLossy: true });
});

test.each<[string, (bytes: Buffer) => Buffer, string]>([
  ['other bytes', () => Buffer.from('GIF89a, and more bytes'), 'expected a WebP, got other bytes'],
  ['nothing', () => Buffer.alloc(0), 'got other bytes'],
  ['a part', (bytes) => bytes.subarray(0, bytes.length - 1), `expected a WebP of ${lossless.length} bytes`],
  [
    'more than it says',
    (bytes) => Buffer.concat([bytes, bytes]),
    `expected a WebP of ${lossless.length} bytes`,
  ],
  ['alpha', (bytes) => flipped(bytes, 24, 0x10), 'lossless, opaque'],
  ['another version', (bytes) => flipped(bytes, 24, 0x20), 'lossless, opaque'],
  ['another mark', (bytes) => flipped(bytes, 20, 0xff), 'lossless, opaque'],
  ['a chunk behind its end', (bytes) => flipped(bytes, 19, 0x7f), 'within the WebP'],
])('of %s it says what it is instead', (_, spoil, problem) => {
  expect(readWebpHeader(spoil(Buffer.from(lossless)))).toMatchObject({
    problem: expect.stringContaining(problem),
  });
});

function flipped(bytes: Buffer, at: number, bits: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ bits;
  return bytes;
}

import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainMd5 } from '../../../src/domain/kernels/md5/plain.ts';
import { simdMd5 } from '../../../src/domain/kernels/md5/simd.ts';
import { kernelKinds } from './kernel-kinds.ts';

/** Around the ends of blocks, where the padding takes another one, and longer than what a lane takes at a time. */
const length = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.constantFrom(6_143, 6_144, 6_145, 6_200, 12_288),
  fc.integer({ min: 0, max: 60_000 }),
);

describe.each(kernelKinds('md5', plainMd5, simdMd5))('the $kind MD5', ({ kernel: digest }) => {
  test('gives the digests of RFC 1321’s own test suite', () => {
    const suite = {
      '': 'd41d8cd98f00b204e9800998ecf8427e',
      a: '0cc175b9c0f1b6a831c399e269772661',
      abc: '900150983cd24fb0d6963f7d28e17f72',
      'message digest': 'f96b697d7cb7938d525a2f31aaf161d0',
      abcdefghijklmnopqrstuvwxyz: 'c3fcd3d76192e4007dfb496cca67e13b',
      ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: 'd174ab98d277d9f5a5611c2c9f419d9f',
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890':
        '57edf4a22be3c955ac49da2e2107b67a',
    };
    const messages = Object.keys(suite).map((text) => Buffer.from(text));
    expect(digest(messages)).toEqual(Object.values(suite));
  });

  test('gives each message of any number and lengths the digest it has alone', () => {
    fc.assert(
      fc.property(fc.array(length, { maxLength: 11 }), (lengths) => {
        const messages = lengths.map((bytes) => randomBytes(bytes));
        const alone = messages.map((bytes) => createHash('md5').update(bytes).digest('hex'));
        expect(digest(messages)).toEqual(alone);
      }),
      { numRuns: 60 },
    );
  });
});

import { expect, test } from 'vitest';
import { loadKernel } from '../../../src/activities/kernels/load-kernel.ts';
import { Md5Lanes } from '../../../src/domain/kernels/md5/simd.ts';

test('the digests of RFC 1321’s own test suite', () => {
  const module = loadKernel('md5');
  if (module === undefined)
    throw new Error('expected WebAssembly with SIMD on the machine that runs the tests');
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
  expect(new Md5Lanes(module).digest(messages)).toEqual(Object.values(suite));
});

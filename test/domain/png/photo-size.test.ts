import sharp from 'sharp';
import { expect, test } from 'vitest';
import { photoSize } from '../../../src/domain/png/photo-size.ts';

const noise = { type: 'gaussian', mean: 120, sigma: 50 } as const;
const image = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'teal', noise } });

function readerOf(file: Uint8Array) {
  let reads = 0;
  const read = async (at: number, length: number) => {
    reads++;
    return file.subarray(at, at + length);
  };
  return { read, reads: () => reads };
}

test('sizes are those that the decoder finds', async () => {
  const makers: readonly ((width: number, height: number) => Promise<Buffer>)[] = [
    (...size) =>
      image(...size)
        .jpeg()
        .toBuffer(),
    (...size) =>
      image(...size)
        .jpeg({ progressive: true })
        .toBuffer(),
    (...size) =>
      image(...size)
        .jpeg()
        .withIccProfile('p3')
        .withMetadata({ orientation: 6 })
        .toBuffer(),
    (...size) =>
      image(...size)
        .webp()
        .toBuffer(),
    (...size) =>
      image(...size)
        .webp({ lossless: true })
        .toBuffer(),
    (...size) =>
      image(...size)
        .ensureAlpha(0.5)
        .webp()
        .toBuffer(),
  ];
  for (const make of makers)
    for (const [width, height] of [
      [1, 1],
      [37, 23],
      [300, 513],
    ] as const)
      expect(await photoSize(readerOf(await make(width, height)).read)).toEqual({ width, height });
});

test('what tells no size is none, after a bounded look', async () => {
  const jpeg = await image(30, 20).jpeg().toBuffer();
  const empty = Buffer.from([0xff, 0xe1, 0, 2]);
  const endless = readerOf(Buffer.concat([Buffer.from([0xff, 0xd8]), ...Array(100_000).fill(empty)]));
  expect(await photoSize(endless.read)).toBeUndefined();
  expect(endless.reads()).toBeLessThan(3_000);
  for (const file of [
    Buffer.alloc(0),
    jpeg.subarray(0, 3),
    jpeg.subarray(0, 40),
    Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xda]), Buffer.alloc(40)]),
    Buffer.from('RIFF....WEBPVP9 ............................'),
    Buffer.alloc(200, 0xff),
    await image(4, 4).gif().toBuffer(),
  ])
    expect(await photoSize(readerOf(file).read)).toBeUndefined();
});

import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Picture } from '../../../src/domain/raster/picture.ts';
import { encodePicture, encodeSmallPicture } from '../../../src/sample/picture/encode-picture.ts';
import { Random } from '../../../src/sample/random/random.ts';
import { chunksOf, md5 } from '../made-dataset.ts';

const shapes = [
  [1, 1],
  [1, 7],
  [5, 1],
  [33, 40],
  [300, 500],
  [70_000, 2],
] as const;

function noise(width: number, height: number): Picture {
  const random = new Random(width, height);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => random.bits()) };
}

test.each(shapes)('a %i x %i picture is decoded to the pixels that were encoded', async (width, height) => {
  const picture = noise(width, height);
  for (const { png, pixelMd5 } of [await encodePicture(picture), encodeSmallPicture(picture)]) {
    expect(pixelMd5).toBe(md5(picture.data));
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([width, height, 3]);
    expect(Buffer.compare(data, picture.data)).toBe(0);
  }
});

test('the data is cut into chunks at the same places every time', async () => {
  const { png } = await encodePicture(noise(300, 500));
  const sizes = chunksOf(png)
    .filter(({ type }) => type === 'IDAT')
    .map(({ data }) => data.length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(new Set(sizes.slice(0, -1))).toEqual(new Set([65_536]));
});

test('a text comes before the pixels, and leaves them as they are', async () => {
  const picture = noise(10, 10);
  const { png } = await encodePicture(picture, { text: 'x'.repeat(2_000) });
  expect(chunksOf(png).map(({ type }) => type)).toEqual(['IHDR', 'zTXt', 'IDAT', 'IEND']);
  expect(md5(await sharp(png).raw().toBuffer())).toBe(md5(picture.data));
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { RgbRaster } from '../../../src/sample/picture/raster.ts';
import { encodeSmallPng, writePng } from '../../../src/sample/picture/write-png.ts';
import { Random } from '../../../src/sample/random.ts';
import { chunksOf, freshFolder, md5 } from '../made-dataset.ts';

const shapes = [
  [1, 1],
  [1, 7],
  [5, 1],
  [33, 40],
  [300, 500],
  [70_000, 2],
] as const;

function noise(width: number, height: number): RgbRaster {
  const random = new Random(width, height);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => random.bits()) };
}

it.each(shapes)('a %i x %i picture is decoded to the pixels that were written', async (width, height) => {
  const raster = noise(width, height);
  const path = join(await freshFolder(), 'picture.png');
  const written = await writePng(path, raster);
  const bytes = await readFile(path);
  expect(written).toEqual({ size: bytes.length, md5: md5(bytes), pixelMd5: md5(raster.data) });
  for (const png of [bytes, encodeSmallPng(raster).bytes]) {
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([width, height, 3]);
    expect(Buffer.compare(data, raster.data)).toBe(0);
  }
});

it('cuts the data into chunks at the same places every time', async () => {
  const raster = noise(300, 500);
  const path = join(await freshFolder(), 'picture.png');
  await writePng(path, raster);
  const sizes = chunksOf(await readFile(path))
    .filter(({ type }) => type === 'IDAT')
    .map(({ data }) => data.length);
  expect(sizes.length).toBeGreaterThan(3);
  expect(new Set(sizes.slice(0, -1))).toEqual(new Set([65_536]));
});

it('carries a text, and the pixels are the same', async () => {
  const path = join(await freshFolder(), 'picture.png');
  const raster = noise(10, 10);
  await writePng(path, raster, { text: 'x'.repeat(2_000) });
  expect(chunksOf(await readFile(path)).map(({ type }) => type)).toEqual(['IHDR', 'zTXt', 'IDAT', 'IEND']);
  expect(md5(await sharp(path).raw().toBuffer())).toBe(md5(raster.data));
});

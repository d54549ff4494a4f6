import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodePhoto } from '../../../src/activities/png/decode-photo.ts';
import { pictureAlone } from '../../../src/activities/png/picture-alone.ts';
import { pngChunk } from '../../../src/activities/png/png-file.ts';

const size = { width: 64, height: 48 };
const pixels = Buffer.from(Array.from({ length: size.width * size.height * 3 }, (_, at) => (at * 7) % 251));
/** Interlaced: libvips reads it. */
const plain = await sharp(pixels, { raw: { ...size, channels: 3 } })
  .png({ progressive: true })
  .toBuffer();
const HEADER_END = 33;

/** The same with these chunks behind its header. */
const withChunks = (chunks: readonly (readonly [type: string, data: Uint8Array])[]) =>
  Buffer.concat([
    plain.subarray(0, HEADER_END),
    ...chunks.flatMap(([type, data]) => pngChunk(type, data)),
    plain.subarray(HEADER_END),
  ]);

const bomb = Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), deflateSync(Buffer.alloc(32 * 1024 ** 2))]);

test('a PNG costs what its pixels cost, whatever texts and profiles it has', async () => {
  const file = withChunks([
    ...Array.from({ length: 60 }, () => ['zTXt', bomb] as const),
    ['iCCP', bomb],
    ['gAMA', Buffer.from([0, 0, 0x10, 0])],
  ]);
  const begun = performance.now();
  const { data, ...rest } = await decodePhoto(file);
  expect(rest).toEqual(size);
  expect(Buffer.compare(Buffer.from(data), pixels)).toBe(0);
  // Inflating them takes seconds.
  expect(performance.now() - begun).toBeLessThan(1_500);
});

test('what changes pixels stays, and a PNG with a few words is given as it is', () => {
  const words = withChunks([['tEXt', Buffer.alloc(60_000, 'x')]]);
  expect(pictureAlone(words)).toBe(words);
  const palette = [
    ['PLTE', Buffer.alloc(9)],
    ['tRNS', Buffer.alloc(3)],
  ] as const;
  const alone = pictureAlone(withChunks([...palette, ['zTXt', bomb], ['eXIf', bomb], ['zTXt', bomb]]));
  const types = Buffer.from(alone)
    .toString('latin1')
    .match(/PLTE|tRNS|zTXt|eXIf|pHYs|IDAT|IEND/g);
  expect([...new Set(types)]).toEqual(['PLTE', 'tRNS', 'IDAT', 'IEND']);
});

test('a PNG that is cut off is told as that', async () => {
  const file = withChunks(Array.from({ length: 3 }, () => ['zTXt', bomb]));
  for (const length of [HEADER_END + 4, HEADER_END + 100, file.length - 200])
    await expect(decodePhoto(file.subarray(0, length))).rejects.toThrow();
});

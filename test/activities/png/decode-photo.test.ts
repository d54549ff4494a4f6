import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pictureSize } from '../../../src/activities/manifest/picture-size.ts';
import { decodePhoto } from '../../../src/activities/png/decode-photo.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ffhq-test-photo-'));
});
afterAll(() => rm(folder, { recursive: true }));

const size = { width: 9, height: 7 };
const picture = () => sharp({ create: { ...size, channels: 3, background: '#123456' } });
const svg = Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="7"><rect width="9" height="7"/></svg>`,
);
/** Made before the first picture is decoded: from then on a process reads nothing else. */
const others = (async (): Promise<readonly (readonly [string, Buffer])[]> => [
  ['SVG', svg],
  ['SVG', Buffer.concat([Buffer.from('<?xml version="1.0"?>\n'), svg])],
  ['GIF', await picture().gif().toBuffer()],
  ['TIFF', await picture().tiff().toBuffer()],
  ['HEIF or AVIF', await picture().avif().toBuffer()],
  ['PDF', Buffer.from('%PDF-1.7')],
  ['another kind of file', Buffer.from('P6 1 1 255 abc')],
  ['another kind of file', Buffer.alloc(0)],
])();

describe('of a photograph’s formats', () => {
  test('PNG, JPEG and WebP are read, whatever the file is called', async () => {
    for (const bytes of [
      await picture().png({ progressive: true }).toBuffer(),
      await picture().jpeg().toBuffer(),
      await picture().webp({ lossless: true }).toBuffer(),
    ]) {
      expect(await decodePhoto(bytes)).toMatchObject(size);
      await writeFile(join(folder, 'photo.svg'), bytes);
      expect(await pictureSize(join(folder, 'photo.svg'))).toEqual(size);
    }
  });

  test('all others are refused by name, and no decoder sees them', async () => {
    for (const [name, bytes] of await others) {
      await expect(decodePhoto(bytes)).rejects.toThrow(`expected PNG, JPEG or WebP, got ${name}`);
      await writeFile(join(folder, 'photo.png'), bytes);
      expect(await pictureSize(join(folder, 'photo.png'))).toBeUndefined();
    }
  });

  test('nothing in this process reads an SVG or a TIFF any more, should one get so far', async () => {
    await decodePhoto(await picture().jpeg().toBuffer());
    for (const [, bytes] of (await others).slice(0, 4)) {
      await expect(sharp(bytes).metadata()).rejects.toThrow(/unsupported image format|operation is blocked/);
    }
  });
});

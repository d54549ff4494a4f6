import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makeRows } from '../../../src/activities/kernels/make-rows.ts';
import { PngDecoder } from '../../../src/activities/png/png-decoder.ts';
import { readRows } from '../../../src/activities/png/read-rows.ts';
import { UndecodablePngError } from '../../../src/activities/png/undecodable-png.ts';
import type { PngRows } from '../../../src/domain/kernels/png-rows/contract.ts';
import { plainRows } from '../../../src/domain/kernels/png-rows/plain.ts';
import { type PngHeader, parsePngHeader } from '../../../src/domain/png/png-header.ts';
import { filtered, pngOf } from './png-pieces.ts';

const kinds: readonly (readonly [string, PngRows])[] = [
  ['plain', plainRows],
  ['SIMD', makeRows()],
];
const never = new AbortController().signal;

function headerOf(png: Buffer): PngHeader {
  const header = parsePngHeader(png);
  if (header === undefined) throw new Error('expected a PNG');
  return header;
}

/** All rows, as the decoder hands them out. */
async function decoded(pieces: Iterable<Uint8Array>, header: PngHeader, rows: PngRows): Promise<Buffer> {
  const parts: Buffer[] = [];
  let next = 0;
  await readRows(pieces, header, rows, (pixels, firstRow) => {
    expect(firstRow).toBe(next);
    next += pixels.length / (header.width * 3);
    parts.push(Buffer.from(pixels));
    return true;
  });
  return Buffer.concat(parts);
}

function* inPieces(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Paeth more often than others, as in photographs: the kernel undoes several rows of it at once. */
const filter = fc.oneof(
  { weight: 3, arbitrary: fc.constant(4) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }) },
);

/** A picture of rows with any filters, cut into IDAT chunks and pieces anywhere. */
const pictures = fc
  .record({
    width: fc.integer({ min: 1, max: 90 }),
    filters: fc.array(filter, { minLength: 1, maxLength: 60 }),
    cuts: fc.array(fc.double({ noNaN: true, min: 0, max: 1 }), { maxLength: 6 }),
    piece: fc.integer({ min: 1, max: 5_000 }),
    smooth: fc.boolean(),
  })
  .map(({ width, filters, smooth, ...rest }) => {
    const noise = randomBytes(width * filters.length * 3);
    const pixels = smooth ? noise.map((value, at) => (value & 3) + ((at / 7) & 255)) : noise;
    return { width, height: filters.length, filters, pixels: Buffer.from(pixels), ...rest };
  });

describe.each(kinds)('%s rows', (_, rows) => {
  test('come out as they went in, whatever their filters and wherever the file is cut', async () => {
    await fc.assert(
      fc.asyncProperty(pictures, async ({ width, height, filters, pixels, cuts, piece }) => {
        const png = pngOf({ width, height }, filtered(pixels, width, filters), cuts);
        const got = await decoded(inPieces(png, piece), headerOf(png), rows);
        expect(got.equals(pixels)).toBe(true);
        expect((await sharp(png).raw().toBuffer()).equals(pixels)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  test('are large or small, inflated at once or in blocks', async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 70_000],
      [50_000, 3],
      [700, 611],
    ] as const) {
      const pixels = randomBytes(width * height * 3);
      const filters = Array.from({ length: height }, (__, row) => row % 5);
      const png = pngOf({ width, height }, filtered(pixels, width, filters), [0.3]);
      expect((await decoded([png], headerOf(png), rows)).equals(pixels), `${width} x ${height}`).toBe(true);
    }
  });

  test('that are missing, too many or of no known filter are refused', async () => {
    const [width, height] = [40, 30];
    const pixels = randomBytes(width * height * 3);
    const right = filtered(pixels, width, new Array(height).fill(4));
    const wrong = (rowBytes: Buffer) => {
      const png = pngOf({ width, height }, rowBytes);
      return decoded([png], headerOf(png), rows);
    };
    await expect(wrong(right.subarray(0, -121))).rejects.toThrow(/expected 30 rows of pixels, got 29/);
    await expect(wrong(right.subarray(0, -1))).rejects.toThrow(/expected 30 rows/);
    await expect(wrong(Buffer.concat([right, right]))).rejects.toBeInstanceOf(UndecodablePngError);
    await expect(wrong(Buffer.concat([right, Buffer.alloc(1)]))).rejects.toBeInstanceOf(UndecodablePngError);
    const unknown = Buffer.from(right);
    unknown[121] = 5;
    await expect(wrong(unknown)).rejects.toThrow(/expected a type 0 to 4, got 5/);
  });
});

test.each([
  ['small', 40, 30],
  ['large', 400, 300],
])(
  'a %s file that ends anywhere, or has any byte changed, is never taken for the whole picture',
  async (_, width, height) => {
    const pixels = randomBytes(width * height * 3);
    const png = pngOf({ width, height }, filtered(pixels, width, new Array(height).fill(1)), [0.5]);
    const header = headerOf(png);
    // Behind the comment, which has these words in it.
    const start = png.indexOf('IDAT', png.indexOf('IEND')) - 4;
    const step = Math.ceil(png.length / 60);
    const rows = makeRows();
    for (let at = start; at < png.length; at += step) {
      await expect(decoded([png.subarray(0, at)], header, rows)).rejects.toBeInstanceOf(UndecodablePngError);
    }
    const end = png.indexOf('tIME') - 4;
    for (let at = start; at < end; at += step) {
      const spoilt = Buffer.from(png);
      spoilt.writeUInt8(spoilt.readUInt8(at) ^ 0x40, at);
      await expect(decoded([spoilt], header, rows)).rejects.toBeInstanceOf(UndecodablePngError);
    }
  },
);

test('what lies below the rows that were wanted is not even inflated', async () => {
  const [width, height] = [500, 2_000];
  const pixels = randomBytes(width * height * 3);
  const png = pngOf({ width, height }, filtered(pixels, width, new Array(height).fill(0)));
  const cut = png.subarray(0, png.length / 2);
  let rows = 0;
  await readRows(inPieces(cut, 65_536), headerOf(png), makeRows(), (block, firstRow) => {
    rows = firstRow + block.length / (width * 3);
    return rows < 200;
  });
  expect(rows).toBeGreaterThanOrEqual(200);
  expect(rows).toBeLessThan(1_200);
});

test('digests of every kind of PNG are those of the samples that sharp sees', async () => {
  const noise = { type: 'gaussian', mean: 120, sigma: 50 } as const;
  const source = sharp({ create: { width: 190, height: 130, channels: 3, background: 'teal', noise } });
  const decoder = new PngDecoder();
  const base = await source.raw().toBuffer();
  const raw = { raw: { width: 190, height: 130, channels: 3 } } as const;
  for (const [options, channels] of [
    [{}, 3],
    [{ progressive: true }, 3],
    [{ compressionLevel: 0 }, 3],
    [{ adaptiveFiltering: true, compressionLevel: 9 }, 3],
  ] as const) {
    const png = await sharp(base, raw).png(options).toBuffer();
    const got = await decoder.pixelMd5(png, headerOf(png), channels, never);
    expect(got, JSON.stringify(options)).toBe(createHash('md5').update(base).digest('hex'));
  }
  for (const [channels, image] of [
    [1, sharp(base, raw).toColourspace('b-w')],
    [4, sharp(base, raw).ensureAlpha(0.5)],
  ] as const) {
    const png = await image.png().toBuffer();
    const samples = await sharp(png).raw().toBuffer();
    const seen = channels === 1 ? await sharp(png).toColourspace('b-w').raw().toBuffer() : samples;
    expect(await decoder.pixelMd5(png, headerOf(png), channels, never)).toBe(
      createHash('md5').update(seen).digest('hex'),
    );
  }
});

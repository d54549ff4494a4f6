import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makeRows, type RowKernels } from '../../../src/activities/kernels/make-rows.ts';
import { fitsAtOnce, readRowsAtOnce } from '../../../src/activities/png/read-rows-at-once.ts';
import { UndecodablePngError } from '../../../src/activities/png/undecodable-png.ts';
import { plainRows } from '../../../src/domain/kernels/png-rows/plain.ts';
import { type PngHeader, parsePngHeader } from '../../../src/domain/png/png-header.ts';
import { filtered, pngOf } from './png-pieces.ts';

const kinds: readonly (readonly [string, RowKernels])[] = [
  ['zlib and plain filters', plainRows],
  ['our own kernel', makeRows()],
];

function headerOf(png: Buffer): PngHeader {
  const header = parsePngHeader(png);
  if (header === undefined) throw new Error('expected a PNG');
  return header;
}

/** The first `wanted` rows, or all. */
function decoded(kernel: RowKernels, png: Buffer, header: PngHeader, wanted = header.height): Buffer {
  const parts: Buffer[] = [];
  let next = 0;
  readRowsAtOnce(png, header, kernel, (pixels, firstRow) => {
    expect(firstRow).toBe(next);
    next += pixels.length / (header.width * 3);
    parts.push(Buffer.from(pixels));
    return next < wanted || wanted === header.height;
  });
  return Buffer.concat(parts);
}

/** Rows of the same noise, and below `from` flat: badly and well compressed parts. */
function picture(width: number, height: number, from = height): Buffer {
  const pixels = randomBytes(width * height * 3);
  pixels.fill(7, from * width * 3);
  return pixels;
}

const cases = [
  [1, 1, 1],
  [3, 2, 1],
  [40, 30, 30],
  [700, 611, 611],
  // Compressed evenly; nearly all bytes below what is wanted; nearly all of them above.
  [300, 400, 100],
  [300, 400, 399],
  [300, 400, 1],
] as const;

describe.each(kinds)('rows by %s', (_, kernel) => {
  test.each(cases)(
    'of %i x %i pixels the first %i rows are those of the picture',
    (width, height, wanted) => {
      for (const from of [height, Math.floor(height / 10)]) {
        for (const cuts of [[], [0.2, 0.21, 0.7]]) {
          const pixels = picture(width, height, from);
          const png = pngOf({ width, height }, filtered(pixels, width, new Array(height).fill(4)), cuts);
          const got = decoded(kernel, png, headerOf(png), wanted);
          expect(got.length).toBeGreaterThanOrEqual(wanted * width * 3);
          expect(got.equals(pixels.subarray(0, got.length))).toBe(true);
        }
      }
    },
  );

  test('rows far down in the compressed bytes are found too', () => {
    const [width, height, wanted] = [200, 600, 300];
    const pixels = picture(width, height);
    // The upper half is all of the file, and more than a share of its bytes holds.
    pixels.fill(0, wanted * width * 3);
    const png = pngOf({ width, height }, filtered(pixels, width, new Array(height).fill(0)), [0.5]);
    const got = decoded(kernel, png, headerOf(png), wanted);
    expect(got.equals(pixels.subarray(0, got.length))).toBe(true);
  });

  test('a file that ends anywhere, or has any byte changed, is never taken for the whole picture', () => {
    const [width, height] = [100, 90];
    const png = pngOf(
      { width, height },
      filtered(picture(width, height), width, new Array(height).fill(1)),
      [0.5],
    );
    const header = headerOf(png);
    // Behind the comment, which has these words in it.
    const start = png.indexOf('IDAT', png.indexOf('IEND')) - 4;
    const step = Math.ceil(png.length / 60);
    for (let at = start; at < png.length; at += step) {
      expect(() => decoded(kernel, png.subarray(0, at), header)).toThrow(UndecodablePngError);
    }
    const end = png.indexOf('tIME') - 4;
    for (let at = start; at < end; at += step) {
      const spoilt = Buffer.from(png);
      spoilt.writeUInt8(spoilt.readUInt8(at) ^ 0x40, at);
      expect(() => decoded(kernel, spoilt, header)).toThrow(UndecodablePngError);
    }
  });

  test('rows that are missing, too many or of no known filter are refused', () => {
    const [width, height] = [40, 30];
    const right = filtered(picture(width, height), width, new Array(height).fill(4));
    const wrong = (rowBytes: Buffer) => () => {
      const png = pngOf({ width, height }, rowBytes);
      return decoded(kernel, png, headerOf(png));
    };
    expect(wrong(right.subarray(0, -121))).toThrow(/expected 30 rows of pixels, got 29/);
    expect(wrong(right.subarray(0, -1))).toThrow(/expected 30 rows/);
    expect(wrong(Buffer.concat([right, right]))).toThrow(UndecodablePngError);
    expect(wrong(Buffer.concat([right, Buffer.alloc(1)]))).toThrow(UndecodablePngError);
    const unknown = Buffer.from(right);
    unknown[121] = 5;
    expect(wrong(unknown)).toThrow(/expected a type 0 to 4, got 5/);
  });

  test('of a part of a picture are those of the picture, as far as it reaches', () => {
    const [width, height] = [120, 900];
    const pixels = picture(width, height);
    const filters = Array.from({ length: height }, (_, row) => (row % 31 === 0 ? 1 : 2 + (row % 3)));
    const png = pngOf({ width, height }, filtered(pixels, width, filters), [0.1, 0.6]);
    for (const [top, bottom, right] of [
      [0, 1, 1],
      [333, 400, 77],
      [899, 900, 120],
      [500, 900, 119],
    ] as const) {
      const heard = new Set<number>();
      const onRows = (rows: Uint8Array, firstRow: number) => {
        for (let nth = 0; nth * right * 3 < rows.length; nth++) {
          const start = (firstRow + nth) * width * 3;
          const got = rows.subarray(nth * right * 3, (nth + 1) * right * 3);
          expect(Buffer.compare(got, pixels.subarray(start, start + right * 3))).toBe(0);
          heard.add(firstRow + nth);
        }
        return !heard.has(bottom - 1);
      };
      readRowsAtOnce(png, headerOf(png), kernel, onRows, { top, bottom, right });
      for (let row = top; row < bottom; row++) expect(heard.has(row), `row ${row}`).toBe(true);
    }
  });
});

describe.each(kinds)('check sums, by %s', (_, kernel) => {
  const [width, height] = [60, 500];
  const pixels = picture(width, height);
  const png = pngOf({ width, height }, filtered(pixels, width, new Array(height).fill(1)), [0.5]);
  const spoilt = (at: number) => {
    const copy = Buffer.from(png);
    copy[at] = (copy[at] as number) ^ 1;
    return copy;
  };
  const read = (file: Buffer, isVouchedFor: boolean, bottom = height) => {
    const parts: Buffer[] = [];
    const onRows = (rows: Uint8Array, firstRow: number) => {
      parts.push(Buffer.from(rows));
      return firstRow + rows.length / (width * 3) < bottom || bottom === height;
    };
    readRowsAtOnce(file, headerOf(file), kernel, onRows, { top: 0, bottom, right: width }, isVouchedFor);
    return Buffer.concat(parts);
  };
  // Behind the last IDAT chunk lie tIME and IEND.
  const sumOfChunk = png.lastIndexOf('IDAT') - 5;
  const sumOfStream = png.lastIndexOf('tIME') - 9;

  test('a chunk with a wrong one is refused, unless the file is known by its digest', () => {
    const file = spoilt(sumOfChunk);
    expect(() => read(file, false)).toThrow(/IDAT chunk with a right check sum/);
    expect(Buffer.compare(read(file, true), pixels)).toBe(0);
  });

  test('a file that nobody vouches for is refused for any bit, though the rows that are wanted end amid its only chunk', () => {
    const one = pngOf({ width, height }, filtered(pixels, width, new Array(height).fill(1)));
    const [first, end] = [one.lastIndexOf('IDAT') + 4, one.lastIndexOf('tIME') - 8];
    for (let at = first; at < end; at += Math.floor((end - first) / 60)) {
      const file = Buffer.from(one);
      file[at] = (file[at] as number) ^ (1 << (at % 8));
      expect(() => read(file, false, height >> 1), `byte ${at}`).toThrow(UndecodablePngError);
    }
  });

  test('a stream with a wrong one is refused wherever all of it is read', () => {
    for (const isVouchedFor of [false, true])
      expect(() => read(spoilt(sumOfStream), isVouchedFor)).toThrow(
        isVouchedFor ? /incorrect data check/ : /check/,
      );
  });

  test('a part is the same, whatever is vouched for', () => {
    for (const bottom of [1, 250, 499]) {
      const part = read(png, true, bottom);
      expect(Buffer.compare(part, pixels.subarray(0, part.length))).toBe(0);
      expect(Buffer.compare(part, read(png, false, bottom))).toBe(0);
    }
  });
});

test('a picture that would not fit into the memory of a thread is not inflated whole by zlib', () => {
  const size = { bitDepth: 8, colourType: 2, interlaced: false };
  expect(fitsAtOnce({ ...size, width: 5_000, height: 4_000 }, plainRows)).toBe(true);
  expect(fitsAtOnce({ ...size, width: 16_000, height: 12_500 }, plainRows)).toBe(false);
  // Our own kernel holds some rows of any.
  expect(fitsAtOnce({ ...size, width: 16_000, height: 12_500 }, makeRows())).toBe(true);
});

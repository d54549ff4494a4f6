import { readFileSync } from 'node:fs';
import { constants, deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeKernel } from '../../../src/activities/kernels/make-kernel.ts';
import { allOf, type Inflate, WrongStreamError } from '../../../src/domain/kernels/inflate/contract.ts';
import { type InflateExports, Inflater } from '../../../src/domain/kernels/inflate/inflater.ts';
import { simdInflate } from '../../../src/domain/kernels/inflate/simd.ts';
import { instantiate } from '../../../src/domain/wasm/wasm-kernel.ts';
import { filtered } from '../../activities/png/png-pieces.ts';
import { byKernel, expectAsZlib } from '../../fuzz/hostile/as-zlib.ts';
import { zlibStream } from '../../fuzz/hostile/zlib-streams.ts';

const inflate = makeKernel<Inflate | undefined>('inflate', undefined, simdInflate, true) as Inflate;

/** As rows of a photograph: noise of few bits, in runs of which some repeat. */
function likeRows(length: number): Buffer {
  let state = 1;
  const noise = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return ((state >>> 8) & 15) + ((state >>> 12) & 15) - 15;
  };
  const bytes = Buffer.from(Array.from({ length }, (_, at) => (at % 3_000 < 300 ? at % 5 : noise())));
  for (let at = 40_000; at + 500 < length; at += 9_000) bytes.copy(bytes, at, at - 37_000, at - 36_600);
  return bytes;
}

const levels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const strategies = [
  ['none', constants.Z_DEFAULT_STRATEGY],
  ['filtered', constants.Z_FILTERED],
  ['Huffman only', constants.Z_HUFFMAN_ONLY],
  ['runs', constants.Z_RLE],
  ['fixed codes', constants.Z_FIXED],
] as const;

/** `toEqual` on many bytes takes seconds. */
function expectBack(stream: Uint8Array, bytes: Buffer): void {
  const got = byKernel(inflate, stream);
  expect('bytes' in got ? got.bytes.equals(bytes) : got.refusal).toBe(true);
}

describe('a stream that zlib made', () => {
  const data = likeRows(400_000);

  test.each(levels)('of level %i is what it was', (level) => {
    expectBack(deflateSync(data, { level }), data);
  });

  test.each(strategies)('of the strategy %s is what it was, for any window and memory', (_, strategy) => {
    for (const windowBits of [9, 10, 13, 15]) {
      for (const memLevel of [1, 8, 9]) {
        const stream = deflateSync(data, { strategy, windowBits, memLevel });
        expectBack(stream, data);
      }
    }
  });

  test('that repeats at each distance and in each length is what it was', () => {
    for (let distance = 1; distance < 300; distance++) {
      const piece = likeRows(400).subarray(0, distance);
      const bytes = Buffer.concat(Array.from({ length: Math.ceil(900 / distance) }, () => piece));
      expectBack(deflateSync(bytes), bytes);
    }
    for (let length = 3; length < 300; length++) {
      for (const far of [1, 2, 7, 15, 16, 17, 33, 3_000, 32_768]) {
        const start = likeRows(far + 300);
        const bytes = Buffer.concat([start, start.subarray(0, length), Buffer.from([1, 2, 3])]);
        expectBack(deflateSync(bytes, { level: 9 }), bytes);
      }
    }
  });

  test('is the same cut at any place', () => {
    const bytes = likeRows(6_000);
    for (const stream of [
      deflateSync(bytes),
      deflateSync(bytes, { level: 0 }),
      deflateSync(bytes, { strategy: 4 }),
    ]) {
      for (let at = 0; at <= stream.length; at++) {
        const parts: Buffer[] = [];
        const open = inflate.bytes((some) => parts.push(Buffer.from(some)) > 0);
        allOf(open.take(stream.subarray(0, at)));
        allOf(open.take(stream.subarray(at)));
        allOf(open.finish());
        open.close();
        expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      }
      for (const piece of [1, 2, 7, 100]) expectAsZlib(inflate, stream, piece);
    }
  });

  test('of hundreds of megabytes is no more than a window at a time', () => {
    const flat = deflateSync(Buffer.alloc(300_000_000, 7), { level: 1 });
    let [bytes, most] = [0, 0];
    const open = inflate.bytes((some) => {
      bytes += some.length;
      most = Math.max(most, some.length);
      return some[0] === 7 && some[some.length - 1] === 7;
    });
    expect(allOf(open.take(flat))).toBe(true);
    expect(allOf(open.finish())).toBe(true);
    open.close();
    expect(bytes).toBe(300_000_000);
    expect(most).toBeLessThan(200_000);
  });

  test('is inflated no further than somebody hears of it', () => {
    const stream = deflateSync(likeRows(3_000_000));
    let heard = 0;
    const open = inflate.bytes((some) => {
      heard += some.length;
      return false;
    });
    expect(allOf(open.take(stream))).toBe(false);
    open.close();
    expect(heard).toBeLessThan(200_000);
  });

  test('may be open beside others', () => {
    const all = [likeRows(500_000), Buffer.alloc(400_000, 3), likeRows(90_000)];
    const open = all.map((bytes) => {
      const parts: Buffer[] = [];
      const stream = inflate.bytes((some) => parts.push(Buffer.from(some)) > 0);
      return { compressed: deflateSync(bytes), stream, parts };
    });
    for (let at = 0; at < 400_000; at += 1_000) {
      for (const { compressed, stream } of open) allOf(stream.take(compressed.subarray(at, at + 1_000)));
    }
    for (const [nth, { stream, parts }] of open.entries()) {
      allOf(stream.finish());
      stream.close();
      expect(Buffer.concat(parts).equals(all[nth] as Buffer)).toBe(true);
    }
  });
});

describe('a stream that is not right', () => {
  test('that ends anywhere, is refused', () => {
    for (const options of [{}, { level: 0 }, { strategy: constants.Z_FIXED }]) {
      const stream = deflateSync(likeRows(3_000), options);
      for (let end = 0; end < stream.length; end++) {
        expect(expectAsZlib(inflate, stream.subarray(0, end))).toHaveProperty('refusal');
      }
    }
  });

  test('in whichever bit, is refused as zlib refuses it', () => {
    const stream = deflateSync(likeRows(2_000));
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const wrong = Buffer.from(stream);
      wrong.writeUInt8(wrong.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expectAsZlib(inflate, wrong);
    }
  });

  test.each([
    ['of a dictionary that nobody has', Buffer.from('78bb0000000100', 'hex'), 'missing dictionary'],
    ['of a window that is too large', Buffer.from('881c0300000000', 'hex'), 'invalid window size'],
    ['of another method', Buffer.from('79180300000000', 'hex'), 'unknown compression method'],
    ['of gzip', Buffer.from('1f8b0800000000', 'hex'), 'incorrect header check'],
    ['of nothing', Buffer.alloc(0), 'unexpected end of file'],
    ['of a block that is none', Buffer.from('789c07', 'hex'), 'invalid block type'],
    [
      'that looks behind its beginning',
      Buffer.from('789c4b04121000', 'hex'),
      'invalid distance too far back',
    ],
  ])('%s, is refused by name', (_, stream, refusal) => {
    expect(expectAsZlib(inflate, stream)).toEqual({ refusal });
  });

  test('but behind its end alone, is what it is', () => {
    const stream = deflateSync(likeRows(5_000));
    for (const behind of [[0], [1, 2, 3], [...stream]]) {
      for (const piece of [1, 5, 10_000]) {
        expect(expectAsZlib(inflate, Buffer.concat([stream, Buffer.from(behind)]), piece)).toHaveProperty(
          'bytes',
        );
      }
    }
  });

  test('of blocks and codes that no encoder would choose, has the outcome that it has with zlib', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 400 }), (seed, bit, piece) => {
        const stream = zlibStream(seed);
        expectAsZlib(inflate, stream);
        expectAsZlib(inflate, stream, piece);
        if (stream.length === 0) return;
        const at = (bit >> 3) % stream.length;
        stream.writeUInt8(stream.readUInt8(at) ^ (1 << (bit & 7)), at);
        expectAsZlib(inflate, stream, piece);
      }),
      { numRuns: 2_000 },
    );
  });

  test('writes nowhere but where output goes', () => {
    const exports = instantiate<InflateExports>(
      new WebAssembly.Module(readFileSync(new URL('../../../dist/kernels/inflate.wasm', import.meta.url))),
    );
    const inflater = new Inflater(exports);
    const mark = 0xa5;
    for (let seed = 0; seed < 2_000; seed++) {
      const good = seed % 2 === 0 ? deflateSync(Buffer.alloc(9_000, seed)) : zlibStream(seed);
      const stream =
        seed % 4 === 0 ? Buffer.concat([good.subarray(0, -4), deflateRawSync(likeRows(99))]) : good;
      // Of a block as small as can be, which fills up again and again.
      const heap = inflater.begin(1, 0, (_, to) => to);
      const behind = heap.take(4_096);
      inflater.bytes.fill(mark, behind);
      try {
        allOf(inflater.take(stream));
        allOf(inflater.finish());
      } catch (error) {
        expect(error).toBeInstanceOf(WrongStreamError);
      }
      expect(inflater.bytes.subarray(behind).every((byte) => byte === mark)).toBe(true);
    }
  });
});

describe('rows of a picture', () => {
  const [width, height] = [90, 700];
  const line = width * 3;
  const pixels = likeRows(line * height);

  function read(stream: Uint8Array, { top = 0, used = line } = {}, until = height) {
    const heard = new Map<number, Buffer>();
    let next = -1;
    const onRows = (rows: Uint8Array, firstRow: number) => {
      if (next >= 0) expect(firstRow).toBe(next);
      for (let nth = 0; nth * used < rows.length; nth++) {
        heard.set(firstRow + nth, Buffer.from(rows.subarray(nth * used, (nth + 1) * used)));
      }
      next = firstRow + rows.length / used;
      return next < until || until === height;
    };
    const open = inflate.rows({ height, length: line, used, top, isChecked: true }, onRows);
    try {
      for (let at = 0; at < stream.length; at += 7_000) {
        if (!allOf(open.take(stream.subarray(at, at + 7_000)))) return heard;
      }
      allOf(open.finish());
      return heard;
    } finally {
      open.close();
    }
  }

  test.each([
    ['of one filter', () => 4],
    ['of each filter', (row: number) => row % 5],
    ['of filters that mostly look above', (row: number) => (row % 97 === 0 ? row % 2 : 2 + (row % 3))],
  ])('%s are those of the picture, whichever part of it is wanted', (_, filterOf) => {
    const filters = Array.from({ length: height }, (__, row) => filterOf(row));
    const stream = deflateSync(filtered(pixels, width, filters));
    for (const top of [0, 1, 300, 699]) {
      for (const used of [3, 45, line - 3, line]) {
        const heard = read(stream, { top, used });
        expect([...heard.keys()][0]).toBe(top);
        expect(heard.size).toBe(height - top);
        for (const [row, bytes] of heard) {
          expect(bytes.equals(pixels.subarray(row * line, row * line + used)), `row ${row} of ${top}`).toBe(
            true,
          );
        }
      }
    }
    expect(read(stream, {}, 100).size).toBeGreaterThanOrEqual(100);
  });

  test('of a filter that does not exist are refused, also above those that are wanted', () => {
    const bytes = filtered(pixels, width, new Array(height).fill(2));
    bytes[17 * (line + 1)] = 9;
    for (const top of [0, 18, 600]) {
      expect(() => read(deflateSync(bytes), { top })).toThrow(/expected a type 0 to 4, got 9/);
    }
  });

  test('that are missing or too many are refused', () => {
    const bytes = filtered(pixels, width, new Array(height).fill(1));
    for (const cut of [1, line, line + 1, 5 * (line + 1)]) {
      const rows = Math.floor((bytes.length - cut) / (line + 1));
      expect(() => read(deflateSync(bytes.subarray(0, -cut)))).toThrow(
        `expected 700 rows of pixels, got ${rows}`,
      );
    }
    expect(() => read(deflateSync(Buffer.concat([bytes, Buffer.alloc(1)])))).toThrow(/got more/);
    expect(() => read(deflateSync(Buffer.concat([bytes, bytes])))).toThrow(/got more/);
  });
});

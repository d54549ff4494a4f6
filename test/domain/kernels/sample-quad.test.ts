import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainSampleQuad } from '../../../src/domain/kernels/sample-quad/plain.ts';
import { simdSampleQuad } from '../../../src/domain/kernels/sample-quad/simd.ts';
import type { Picture, Quad } from '../../../src/domain/raster/picture.ts';
import { rowsOf } from '../../../src/domain/raster/picture-rows.ts';
import { arbitraryPicture, inPieces } from './arbitrary-pictures.ts';
import { expectSame, kept } from './expect-same.ts';
import { kernelKinds } from './kernel-kinds.ts';
import * as oracle from './oracle.ts';

const kinds = kernelKinds('sample-quad', plainSampleQuad, simdSampleQuad);
const [plain, simd] = kinds.map(({ kernel }) => kernel) as [typeof plainSampleQuad, typeof plainSampleQuad];

const corner = fc.tuple(
  fc.double({ noNaN: true, min: -20, max: 70 }),
  fc.double({ noNaN: true, min: -20, max: 70 }),
);
/** Also at corners that put samples exactly between pixels, and on the border. */
const round = fc.tuple(fc.integer({ min: -8, max: 160 }), fc.integer({ min: -8, max: 160 }));
const square = fc.tuple(round, fc.integer({ min: -64, max: 64 }), fc.integer({ min: -64, max: 64 }));
const quads: fc.Arbitrary<Quad> = fc.oneof(
  fc.tuple(corner, corner, corner, corner),
  square.map(([[x, y], across, down]): Quad => {
    const at = (a: number, b: number) => [(x + a) / 4 + 0.5, (y + b) / 4 + 0.5] as const;
    return [at(0, 0), at(-down, across), at(across - down, across + down), at(across, down)];
  }),
);

describe.each(kinds)('the $kind sampling', ({ kernel: sampleQuad }) => {
  test('transforms a quad as Pillow transforms and resizes it', () => {
    fc.assert(
      fc.property(arbitraryPicture(48), quads, fc.constantFrom(16, 20, 33), (source, corners, size) => {
        const got = sampleQuad(inPieces(source), corners, 4 * size, size);
        expectSame(
          got,
          oracle.resize(oracle.transform(source, corners, 4 * size), { width: size, height: size }),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('does so at any other ratio, and without a resize', () => {
    fc.assert(
      fc.property(
        arbitraryPicture(24),
        quads,
        fc.constantFrom([40, 40], [48, 20], [30, 7]),
        (source, corners, sizes) => {
          const [through = 0, size = 0] = sizes;
          const wanted = oracle.resize(oracle.transform(source, corners, through), {
            width: size,
            height: size,
          });
          expectSame(sampleQuad(rowsOf(source), corners, through, size), wanted);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('does not take a picture that ends early for a whole one', () => {
    const [source] = fc.sample(arbitraryPicture(40), { seed: 3, numRuns: 1 }) as [Picture];
    const { width, height } = source;
    const corners: Quad = [
      [0, 0],
      [0, height],
      [width, height],
      [width, 0],
    ];
    const early = { width, height, read: rowsOf({ ...source, height: height - 1 }).read };
    const spoilt = {
      width,
      height,
      read: () => {
        throw new Error('undecodable');
      },
    };
    expect(() => sampleQuad(spoilt, corners, 64, 16)).toThrow('undecodable');
    if (sampleQuad !== plain) expect(() => sampleQuad(early, corners, 64, 16)).toThrow(/expected rows up to/);
    expectSame(sampleQuad(rowsOf(source), corners, 64, 16), kept(plain(rowsOf(source), corners, 64, 16)));
  });

  test('leaves nothing of one picture in the next', () => {
    const noise = (seed: number) => fc.sample(arbitraryPicture(40), { seed, numRuns: 1 })[0] as Picture;
    const corners: Quad = [
      [-3, 2],
      [1, 30],
      [25, 33],
      [30, -9],
    ];
    const before = kept(sampleQuad(rowsOf(noise(1)), corners, 64, 16));
    for (let seed = 2; seed < 30; seed++) sampleQuad(rowsOf(noise(seed)), corners, 128, 32);
    expectSame(sampleQuad(rowsOf(noise(1)), corners, 64, 16), before);
  });

  test('refuses what no picture can come of, naming it', () => {
    const source = { width: 2, height: 2, data: new Uint8Array(12) };
    const corners: Quad = [
      [0, 0],
      [0, 1],
      [1, Number.POSITIVE_INFINITY],
      [1, 0],
    ];
    expect(() => sampleQuad(rowsOf(source), corners, 64, 16)).toThrow(/finite/);
  });
});

test('both kinds agree on squares at any turn and of any size: eight samples in few rows, in many, or far apart', () => {
  const turned = fc.record({
    source: arbitraryPicture(300),
    turn: fc.double({ noNaN: true, min: 0, max: 2 * Math.PI }),
    // Half the square's side, as a share of the picture's: steps between samples from nothing to 2 pixels.
    share: fc.double({ noNaN: true, min: 0, max: 0.9 }),
  });
  fc.assert(
    fc.property(turned, ({ source, turn, share }) => {
      const radius = share * Math.min(source.width, source.height);
      const at = (corner: number) =>
        [
          source.width / 2 + radius * Math.cos(turn + (corner * Math.PI) / 2),
          source.height / 2 + radius * Math.sin(turn + (corner * Math.PI) / 2),
        ] as const;
      const corners: Quad = [at(0), at(3), at(2), at(1)];
      expectSame(simd(rowsOf(source), corners, 256, 64), plain(rowsOf(source), corners, 256, 64));
    }),
    { numRuns: 60 },
  );
});

test('both kinds agree where samples lie within rounding of a pixel’s border, at the real size', () => {
  const source = fc.sample(arbitraryPicture(64), { seed: 11, numRuns: 1 })[0] as Picture;
  // Steps of exactly 1/64 and 1/32 of a pixel: every 64th sample falls on a border.
  const corners: Quad = [
    [0.5, 0.5],
    [0.5, 64.5],
    [32.5, 64.5],
    [32.5, 0.5],
  ];
  expectSame(simd(rowsOf(source), corners, 4096, 1024), plain(rowsOf(source), corners, 4096, 1024));
});

test.each([0.3, 3.6])('both kinds agree on a face that fills a large photograph [turned by %d]', (turn) => {
  // Larger than what is worked on in one piece, and with steps of almost a pixel.
  const [width, height] = [3_600, 3_500];
  const data = new Uint8Array(3 * width * height);
  for (let at = 0, noise = 1; at < data.length; at++) {
    noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
    data[at] = (noise >>> 26) + ((at >> 9) & 127);
  }
  const at = (corner: number) =>
    [
      1_800 + 2_400 * Math.cos(turn + (corner * Math.PI) / 2),
      1_750 + 2_400 * Math.sin(turn + (corner * Math.PI) / 2),
    ] as const;
  const [source, corners] = [{ width, height, data }, [at(0), at(3), at(2), at(1)] as const];
  expectSame(simd(rowsOf(source), corners, 4096, 1024), plain(rowsOf(source), corners, 4096, 1024));
});

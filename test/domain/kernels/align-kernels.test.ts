import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gaussianWeights } from '../../../src/domain/kernels/pad-and-blend/gaussian.ts';
import { cutPicture, type Picture, type Quad } from '../../../src/domain/kernels/picture.ts';
import { lanczosSupport } from '../../../src/domain/kernels/resample/lanczos.ts';
import { arbitraryPicture } from './arbitrary-pictures.ts';
import { kernelKinds } from './kernel-kinds.ts';
import * as oracle from './oracle.ts';

const runs = { numRuns: 60 };

/** Says where the first difference is; `toEqual` on megabytes says nothing for minutes. */
function expectSame(got: Picture, wanted: Picture): void {
  expect([got.width, got.height]).toEqual([wanted.width, wanted.height]);
  const at = wanted.data.findIndex((value, index) => value !== got.data[index]);
  const where = [Math.floor(at / 3) % wanted.width, Math.floor(at / 3 / wanted.width), at % 3];
  expect(at === -1 ? 'the same' : `${got.data[at]} in place of ${wanted.data[at]} at ${where}`).toBe(
    'the same',
  );
}

test('this machine has both kinds', () => {
  expect(kernelKinds.map(({ name }) => name)).toEqual(['plain', 'simd']);
});

describe.each(kernelKinds)('the $name kernels', (kernels) => {
  test('resize a window as Pillow resizes the whole', () => {
    const arbitrary = fc.record({
      source: arbitraryPicture(60),
      width: fc.integer({ min: 1, max: 70 }),
      height: fc.integer({ min: 1, max: 70 }),
      cut: fc.tuple(
        fc.double({ noNaN: true, min: 0, max: 0.9 }),
        fc.double({ noNaN: true, min: 0, max: 0.9 }),
      ),
    });
    fc.assert(
      fc.property(arbitrary, ({ source, width, height, cut }) => {
        const left = Math.floor(width * cut[0]);
        const top = Math.floor(height * cut[1]);
        const window = { left, top, right: Math.ceil((left + 1 + width) / 2), bottom: height };
        const target = { width, height };
        const box = lanczosSupport(source, target, window);
        const got = kernels.resample(cutPicture(source, box), box, source, target, window);
        expectSame(got, oracle.crop(oracle.resize(source, target), window));
      }),
      runs,
    );
  });

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

  test('sample a quad as Pillow transforms and resizes it', () => {
    fc.assert(
      fc.property(arbitraryPicture(48), quads, fc.constantFrom(16, 20, 33), (source, corners, size) => {
        const got = kernels.sampleQuad(source, corners, 4 * size, size);
        expectSame(
          got,
          oracle.resize(oracle.transform(source, corners, 4 * size), { width: size, height: size }),
        );
      }),
      runs,
    );
  });

  test('sample a quad at any other ratio, and without a resize', () => {
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
          expectSame(kernels.sampleQuad(source, corners, through, size), wanted);
        },
      ),
      { numRuns: 20 },
    );
  });

  const side = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 25 }) },
    fc.integer({ min: 1, max: 90 }),
  );
  const pads = fc.record({ left: side, top: side, right: side, bottom: side });
  const sigmas = fc.oneof(
    { weight: 4, arbitrary: fc.double({ noNaN: true, min: 0.1, max: 6 }) },
    fc.double({ noNaN: true, min: 6, max: 80 }),
  );

  test('pad and blend as NumPy and SciPy do, also by more than the picture and with a blur wider than it', () => {
    fc.assert(
      fc.property(arbitraryPicture(28), pads, sigmas, (source, pad, sigma) => {
        expectSame(
          kernels.padAndBlend(source, pad, sigma),
          oracle.padAndBlend(source, pad, gaussianWeights(sigma)),
        );
      }),
      runs,
    );
  });

  test('leave nothing of one picture in the next', () => {
    const noise = (seed: number) => fc.sample(arbitraryPicture(40), { seed, numRuns: 1 })[0] as Picture;
    const pad = { left: 9, top: 30, right: 4, bottom: 17 };
    const corners: Quad = [
      [-3, 2],
      [1, 30],
      [25, 33],
      [30, -9],
    ];
    const alone = () => {
      const padded = kernels.padAndBlend(noise(1), pad, 2.5);
      const wanted = { ...padded, data: padded.data.slice() };
      const quad = kernels.sampleQuad(wanted, corners, 64, 16);
      return [wanted, { ...quad, data: quad.data.slice() }] as const;
    };
    const before = alone();
    for (let seed = 2; seed < 30; seed++) {
      kernels.padAndBlend(noise(seed), { left: seed, top: 2 * seed, right: 60 - seed, bottom: 1 }, seed / 3);
      kernels.sampleQuad(noise(seed), corners, 128, 32);
    }
    const after = alone();
    expectSame(after[0], before[0]);
    expectSame(after[1], before[1]);
  });

  test('refuse what no picture can come of, naming it', () => {
    const source = { width: 2, height: 2, data: new Uint8Array(12) };
    expect(() => kernels.padAndBlend(source, { left: 0, top: 1, right: 1, bottom: 1 }, 1)).toThrow(
      /pads.*above 0/,
    );
    expect(() => kernels.padAndBlend(source, { left: 1, top: 1, right: 1, bottom: 1 }, Number.NaN)).toThrow(
      /sigma/,
    );
    const corners: Quad = [
      [0, 0],
      [0, 1],
      [1, Number.POSITIVE_INFINITY],
      [1, 0],
    ];
    expect(() => kernels.sampleQuad(source, corners, 64, 16)).toThrow(/finite/);
  });
});

/** Soft hills, a flat half and a step: blurred samples of every brightness, and very many of the same. */
function hills(width: number, height: number): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let at = 0; at < data.length; at++) {
    const [x, y, channel] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3];
    const hill = 120 + 100 * Math.sin(x / (17 + 4 * channel)) * Math.cos(y / 23) + ((x * 7 + y * 13) % 5);
    data[at] = y < height / 2 ? hill : x < (2 * width) / 3 ? 254 - channel : 40;
  }
  return { width, height, data };
}

test.each([
  [{ left: 70, top: 66, right: 90, bottom: 75 }, 5.5],
  [{ left: 30, top: 160, right: 40, bottom: 20 }, 17],
])('both kinds agree on hundreds of thousands of blurred samples [%o, sigma %d]', (pad, sigma) => {
  const [plain, simd] = kernelKinds;
  if (plain === undefined || simd === undefined) throw new Error('expected both kinds');
  const source = hills(310, 270);
  expectSame(simd.padAndBlend(source, pad, sigma), plain.padAndBlend(source, pad, sigma));
});

test('what a quad does not look at makes no difference to what is sampled from it', () => {
  const [, simd] = kernelKinds;
  if (simd === undefined) throw new Error('expected both kinds');
  const pad = { left: 22, top: 30, right: 41, bottom: 25 };
  const place = fc.tuple(
    fc.double({ noNaN: true, min: -10, max: 160 }),
    fc.double({ noNaN: true, min: -10, max: 150 }),
  );
  fc.assert(
    fc.property(place, fc.tuple(place, place), (centre, [half, other]) => {
      const [x, y] = half.map((part) => part / 4) as [number, number];
      const squares: Quad[] = [
        [about(-x, -y), about(-y, x), about(x, y), about(y, -x)],
        [about(-x, -y), about(other[0] / 9, x), about(x, y), about(y, -other[1] / 9)],
      ];
      function about(dx: number, dy: number) {
        return [centre[0] + dx, centre[1] + dy] as const;
      }
      for (const corners of squares) {
        const whole = simd.padAndBlend(hills(90, 80), pad, 3);
        const wanted = simd.sampleQuad({ ...whole, data: whole.data.slice() }, corners, 64, 16);
        const copy = { ...wanted, data: wanted.data.slice() };
        // Whatever the last picture has left there, it is not this one's.
        simd.padAndBlend({ width: 90, height: 80, data: new Uint8Array(3 * 90 * 80) }, pad, 3);
        const part = simd.padAndBlend(hills(90, 80), pad, 3, corners);
        expectSame(simd.sampleQuad({ ...part, data: part.data.slice() }, corners, 64, 16), copy);
      }
    }),
    { numRuns: 60 },
  );
});

test('both kinds agree on squares at any turn and of any size: eight samples in few rows, in many, or far apart', () => {
  const [plain, simd] = kernelKinds;
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
      const [wanted, got] = [plain, simd].map((kernels) => kernels?.sampleQuad(source, corners, 256, 64));
      if (wanted === undefined || got === undefined) throw new Error('expected both kinds');
      expectSame(got, wanted);
    }),
    { numRuns: 60 },
  );
});

test('both kinds agree where samples lie within rounding of a pixel’s border, at the real size', () => {
  const [plain, simd] = kernelKinds;
  const source = fc.sample(arbitraryPicture(64), { seed: 11, numRuns: 1 })[0] as Picture;
  // Steps of exactly 1/64 and 1/32 of a pixel: every 64th sample falls on a border.
  const corners: Quad = [
    [0.5, 0.5],
    [0.5, 64.5],
    [32.5, 64.5],
    [32.5, 0.5],
  ];
  const wanted = plain?.sampleQuad(source, corners, 4096, 1024);
  const got = simd?.sampleQuad(source, corners, 4096, 1024);
  if (wanted === undefined || got === undefined) throw new Error('expected both kinds');
  expectSame(got, wanted);
});

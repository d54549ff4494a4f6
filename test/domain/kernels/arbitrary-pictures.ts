import fc from 'fast-check';
import type { Picture } from '../../../src/domain/raster/picture.ts';
import type { PictureRows } from '../../../src/domain/raster/picture-rows.ts';

/** What pictures are made of: noise, photograph-like gradients, flat and saturated areas, single steps. */
const textures = {
  noise: (random: () => number) => () => Math.floor(random() * 256),
  smooth: (random: () => number) => {
    const [a, b, c, phase] = [random() * 6, random() * 6, random() * 40, random() * 7];
    return (x: number, y: number, channel: number) =>
      128 + 90 * Math.sin((a * x + b * y) / 9 + phase + channel) + c * Math.sin(x / 3 - y / 5);
  },
  flat: (random: () => number) => {
    const value = Math.floor(random() * 256);
    return () => value;
  },
  saturated: (random: () => number) => {
    const size = 1 + Math.floor(random() * 9);
    return (x: number, y: number) => ((Math.floor(x / size) + Math.floor(y / size)) % 2) * 255;
  },
  step: (random: () => number) => {
    const edge = random() * 40;
    return (x: number, y: number) => (x + y / 2 < edge ? 254 : 255);
  },
} as const;

/** Of 1 to `most` pixels a side. */
export function arbitraryPicture(most: number): fc.Arbitrary<Picture> {
  return fc
    .record({
      width: fc.integer({ min: 1, max: most }),
      height: fc.integer({ min: 1, max: most }),
      texture: fc.constantFrom(...Object.values(textures)),
      seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    })
    .map(({ width, height, texture, seed }) => {
      const at = texture(randomFrom(seed));
      const data = new Uint8ClampedArray(width * height * 3);
      for (let i = 0; i < data.length; i++) {
        const pixel = Math.floor(i / 3);
        data[i] = at(pixel % width, Math.floor(pixel / width), i % 3);
      }
      return { width, height, data: new Uint8Array(data.buffer) };
    });
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Its rows as a decoder tells them: some at a time, out of wider ones, in memory that the next ones overwrite. */
export function inPieces({ width, height, data }: Picture): PictureRows {
  const line = 3 * width + 5;
  return {
    width,
    height,
    read: (onRows) => {
      const room = new Uint8Array(line * height);
      for (let first = 0, count = 1; first < height; first += count, count = (count * 3) % 41) {
        const rows = Math.min(count, height - first);
        room.fill(0xa5);
        for (let nth = 0; nth < rows; nth++) {
          const start = 3 * width * (first + nth);
          room.set(data.subarray(start, start + 3 * width), line * nth);
        }
        onRows(room.subarray(0, line * (rows - 1) + 3 * width), line, first, rows);
      }
    },
  };
}

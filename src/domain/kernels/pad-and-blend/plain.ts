import type { Pad, Picture } from '../../raster/picture.ts';
import { wholePicture } from '../../raster/picture-rows.ts';
import { blended, blurShare, medianShare, toByte } from './blend.ts';
import { mirrorIndex, reflectIndex } from './blur/reflect-index.ts';
import { checkPad, type PadAndBlend } from './contract.ts';
import { gaussianWeights } from './gaussian.ts';
import { padMask } from './pad-mask.ts';

const { fround } = Math;

/** {@link PadAndBlend} in plain TypeScript; holds 40 bytes a padded pixel. */
export const plainPadAndBlend: PadAndBlend = (crop, pad, sigma) => {
  checkPad(crop, pad, sigma);
  const { width, height, data: source } = reflectPad(wholePicture(crop), pad);
  const pixels = Float32Array.from(source);
  const blurred = blur(pixels, width, height, sigma);
  const { columns, rows } = padMask(width, height, pad);
  const maskAt = (x: number, y: number) => Math.max(columns[x] as number, rows[y] as number);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = blurShare(maskAt(x, y));
      for (const end = at + 3; at < end; at++)
        pixels[at] = blended(pixels[at] as number, blurred[at] as number, share);
    }
  }
  const medians = [0, 1, 2].map((channel) => median(pixels.filter((_, at) => at % 3 === channel)));
  const data = new Uint8Array(pixels.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const share = medianShare(maskAt(x, y));
      for (let channel = 0; channel < 3; channel++, at++) {
        data[at] = toByte(blended(pixels[at] as number, medians[channel] as number, share));
      }
    }
  }
  return { width, height, data };
};

function reflectPad(crop: Picture, pad: Pad): Picture {
  const across = reflectIndex(crop.width, pad.left, pad.right);
  const down = reflectIndex(crop.height, pad.top, pad.bottom);
  const [width, height] = [across.length, down.length];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const row = (down[y] as number) * crop.width;
    for (let x = 0; x < width; x++, at += 3) {
      const from = (row + (across[x] as number)) * 3;
      data[at] = crop.data[from] as number;
      data[at + 1] = crop.data[from + 1] as number;
      data[at + 2] = crop.data[from + 2] as number;
    }
  }
  return { width, height, data };
}

/** SciPy's `gaussian_filter`: down the columns, rounded to float32, then along the rows. */
export function blur(pixels: Float32Array, width: number, height: number, sigma: number): Float32Array {
  const weights = gaussianWeights(sigma);
  const down = new Float32Array(pixels.length);
  const line = width * 3;
  for (let at = 0; at < line; at++) filterLine(pixels, down, at, line, height, weights);
  const across = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let channel = 0; channel < 3; channel++) {
      filterLine(down, across, y * line + channel, 3, width, weights);
    }
  }
  return across;
}

/** The centre first, then pairs of samples from the outermost inwards, in double precision: SciPy's order. */
function filterLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  length: number,
  weights: Float64Array,
): void {
  const radius = weights.length - 1;
  const line = Float64Array.from(
    { length: length + 2 * radius },
    (_, at) => from[start + mirrorIndex(at - radius, length) * step] as number,
  );
  for (let at = 0; at < length; at++) {
    const centre = at + radius;
    let sum = (line[centre] as number) * (weights[0] as number);
    for (let k = radius; k > 0; k--) {
      sum += ((line[centre - k] as number) + (line[centre + k] as number)) * (weights[k] as number);
    }
    to[start + at * step] = sum;
  }
}

/** NumPy's median of float32: of an even number, the float32 mean of the two in the middle. */
function median(values: Float32Array): number {
  values.sort();
  const half = values.length >> 1;
  const upper = values[half] as number;
  if (values.length % 2 === 1) return upper;
  return fround(fround((values[half - 1] as number) + upper) / 2);
}

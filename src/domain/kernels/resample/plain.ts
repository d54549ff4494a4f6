import type { Box, Picture, Size } from '../../raster/picture.ts';
import { wholePicture } from '../../raster/picture-rows.ts';
import { checkWindow, type Resample } from './contract.ts';
import { lanczosTaps, PRECISION_BITS, type Taps } from './lanczos.ts';

const HALF = 1 << (PRECISION_BITS - 1);

/** {@link Resample} in plain TypeScript. */
export const plainResample: Resample = (source, sourceBox, whole, target, window) => {
  checkWindow(source, sourceBox, target, window);
  const across = resampleRows(wholePicture(source), sourceBox, whole, target, window);
  const shift = { left: window.left, right: window.right, top: sourceBox.top, bottom: sourceBox.bottom };
  return resampleColumns(across, shift, whole, target, window);
};

function resampleRows(source: Picture, box: Box, whole: Size, target: Size, window: Box): Picture {
  const width = window.right - window.left;
  if (whole.width === target.width) return cutColumns(source, window.left - box.left, width);
  const {
    starts,
    counts,
    coefficients,
    width: step,
  } = lanczosTaps(whole.width, target.width, window.left, window.right);
  const { height, data: from } = source;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const row = y * source.width * 3;
    for (let x = 0; x < width; x++) {
      const count = counts[x] as number;
      let input = row + ((starts[x] as number) - box.left) * 3;
      let [red, green, blue] = [HALF, HALF, HALF];
      for (let tap = x * step; tap < x * step + count; tap++, input += 3) {
        const weight = coefficients[tap] as number;
        red += weight * (from[input] as number);
        green += weight * (from[input + 1] as number);
        blue += weight * (from[input + 2] as number);
      }
      data[at++] = rounded(red);
      data[at++] = rounded(green);
      data[at++] = rounded(blue);
    }
  }
  return { width, height, data };
}

function resampleColumns(source: Picture, box: Box, whole: Size, target: Size, window: Box): Picture {
  const height = window.bottom - window.top;
  const { width, data: from } = source;
  const line = width * 3;
  if (whole.height === target.height) {
    const start = (window.top - box.top) * line;
    return { width, height, data: from.subarray(start, start + height * line) };
  }
  const taps: Taps = lanczosTaps(whole.height, target.height, window.top, window.bottom);
  const data = new Uint8Array(line * height);
  const sums = new Int32Array(line);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    const count = taps.counts[y] as number;
    for (let tap = 0; tap < count; tap++) {
      const weight = taps.coefficients[y * taps.width + tap] as number;
      const row = ((taps.starts[y] as number) + tap - box.top) * line;
      for (let x = 0; x < line; x++) sums[x] = (sums[x] as number) + weight * (from[row + x] as number);
    }
    for (let x = 0; x < line; x++) data[y * line + x] = rounded(sums[x] as number);
  }
  return { width, height, data };
}

/** Some columns of a picture, of all its rows. */
export function cutColumns(source: Picture, left: number, width: number): Picture {
  if (left === 0 && width === source.width) return source;
  const data = new Uint8Array(width * source.height * 3);
  for (let y = 0; y < source.height; y++) {
    const start = (y * source.width + left) * 3;
    data.set(source.data.subarray(start, start + width * 3), y * width * 3);
  }
  return { width, height: source.height, data };
}

function rounded(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

import type { FaceSquare } from './face-geometry.ts';
import { bySpans, type RgbRaster } from './raster.ts';

/**
 * The square of a photo as an image of `size` pixels a side: bilinear, and the photo's edge pixels go on beyond its
 * border.
 */
export async function cropFace(
  photo: RgbRaster,
  square: FaceSquare,
  size: number,
  signal?: AbortSignal,
): Promise<RgbRaster> {
  const [cx, cy] = square.centre;
  const [hx, hy] = square.half;
  const [maxX, maxY] = [photo.width - 1, photo.height - 1];
  const source = photo.data;
  const data = new Uint8Array(size * size * 3);
  const cropRows = (from: number, to: number): void => {
    for (let row = from; row < to; row++) {
      const down = (2 * row + 1) / size - 1;
      for (let column = 0, at = row * size * 3; column < size; column++, at += 3) {
        const right = (2 * column + 1) / size - 1;
        const x = Math.min(maxX, Math.max(0, cx + right * hx - down * hy));
        const y = Math.min(maxY, Math.max(0, cy + right * hy + down * hx));
        const left = x | 0;
        const top = y | 0;
        const nextX = left < maxX ? 3 : 0;
        const nextY = top < maxY ? photo.width * 3 : 0;
        const u = x - left;
        const v = y - top;
        const start = (top * photo.width + left) * 3;
        for (let channel = start, to = at; channel < start + 3; channel++, to++) {
          const nw = source[channel] ?? 0;
          const sw = source[channel + nextY] ?? 0;
          const above = nw + ((source[channel + nextX] ?? 0) - nw) * u;
          const below = sw + ((source[channel + nextX + nextY] ?? 0) - sw) * u;
          data[to] = above + (below - above) * v + 0.5;
        }
      }
    }
  };
  await bySpans(size, size, cropRows, signal);
  return { width: size, height: size, data };
}

/** Each pixel is the mean of `factor` x `factor` pixels; `factor` divides the raster's sides. */
export function boxShrink(raster: RgbRaster, factor: number): RgbRaster {
  const [width, height] = [raster.width / factor, raster.height / factor];
  const data = new Uint8Array(width * height * 3);
  const sums = new Uint32Array(width * 3);
  for (let row = 0; row < height; row++) {
    sums.fill(0);
    for (let y = row * factor; y < (row + 1) * factor; y++) {
      let at = y * raster.width * 3;
      for (let to = 0; to < sums.length; to += 3) {
        for (let end = at + factor * 3; at < end; at += 3) {
          sums[to] = (sums[to] ?? 0) + (raster.data[at] ?? 0);
          sums[to + 1] = (sums[to + 1] ?? 0) + (raster.data[at + 1] ?? 0);
          sums[to + 2] = (sums[to + 2] ?? 0) + (raster.data[at + 2] ?? 0);
        }
      }
    }
    for (let i = 0; i < sums.length; i++) {
      data[row * width * 3 + i] = (sums[i] ?? 0) / (factor * factor) + 0.5;
    }
  }
  return { width, height, data };
}

import type { Picture } from '../../domain/raster/picture.ts';

/** Each pixel is the mean of `factor` x `factor` pixels; `factor` divides the picture's sides. */
export function boxShrink(picture: Picture, factor: number): Picture {
  const [width, height] = [picture.width / factor, picture.height / factor];
  const data = new Uint8Array(width * height * 3);
  const sums = new Uint32Array(width * 3);
  for (let row = 0; row < height; row++) {
    sums.fill(0);
    for (let y = row * factor; y < (row + 1) * factor; y++) {
      let at = y * picture.width * 3;
      for (let to = 0; to < sums.length; to += 3) {
        for (let end = at + factor * 3; at < end; at += 3) {
          sums[to] = (sums[to] ?? 0) + (picture.data[at] ?? 0);
          sums[to + 1] = (sums[to + 1] ?? 0) + (picture.data[at + 1] ?? 0);
          sums[to + 2] = (sums[to + 2] ?? 0) + (picture.data[at + 2] ?? 0);
        }
      }
    }
    for (let i = 0; i < sums.length; i++) {
      data[row * width * 3 + i] = (sums[i] ?? 0) / (factor * factor) + 0.5;
    }
  }
  return { width, height, data };
}

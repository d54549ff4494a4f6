import type { Picture, Quad } from '../../raster/picture.ts';
import { rowsOf, wholePicture } from '../../raster/picture-rows.ts';
import { plainResample } from '../resample/plain.ts';
import { checkCorners, type SampleQuad } from './contract.ts';
import { quadCoefficients } from './quad-transform.ts';

/** {@link SampleQuad} in plain TypeScript; the picture between the two steps is held whole, 48 MB at 4096 pixels a side. */
export const plainSampleQuad: SampleQuad = (source, corners, transformSize, outputSize) => {
  const square = transformQuad(wholePicture(source), corners, transformSize);
  if (outputSize >= transformSize) return square;
  const whole = { width: transformSize, height: transformSize };
  const target = { width: outputSize, height: outputSize };
  const box = { left: 0, top: 0, right: transformSize, bottom: transformSize };
  return plainResample(rowsOf(square), box, whole, target, {
    left: 0,
    top: 0,
    right: outputSize,
    bottom: outputSize,
  });
};

/** Bilinear between pixel centres in double precision, cut off to 8 bits; black outside the picture (Geometry.c). */
function transformQuad({ width, height, data: from }: Picture, corners: Quad, size: number): Picture {
  checkCorners(corners);
  const { x: cx, y: cy } = quadCoefficients(corners, size);
  const data = new Uint8Array(size * size * 3);
  for (let row = 0, at = 0; row < size; row++) {
    const v = row + 0.5;
    for (let column = 0; column < size; column++, at += 3) {
      const u = column + 0.5;
      const sourceX = cx[0] + cx[1] * u + cx[2] * v + cx[3] * u * v;
      const sourceY = cy[0] + cy[1] * u + cy[2] * v + cy[3] * u * v;
      if (!(sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height)) continue;
      const x = Math.floor(sourceX - 0.5);
      const y = Math.floor(sourceY - 0.5);
      const right = sourceX - 0.5 - x;
      const down = sourceY - 0.5 - y;
      const left = x < 0 ? 0 : x;
      const next = x + 1 < width ? x + 1 : width - 1;
      const above = (y < 0 ? 0 : y) * width;
      const below = (y + 1 < height ? y + 1 : y) * width;
      for (let channel = 0; channel < 3; channel++) {
        const nw = from[(above + left) * 3 + channel] as number;
        const ne = from[(above + next) * 3 + channel] as number;
        const sw = from[(below + left) * 3 + channel] as number;
        const se = from[(below + next) * 3 + channel] as number;
        const top = nw + (ne - nw) * right;
        const bottom = sw + (se - sw) * right;
        data[at + channel] = top + (bottom - top) * down;
      }
    }
  }
  return { width: size, height: size, data };
}

import type { Quad } from '../../raster/picture.ts';

/** x = x0 + xRight u + xDown v + xBoth u v, and the same for y, with (u, v) the centre of a destination pixel. */
export interface QuadCoefficients {
  readonly x: readonly [origin: number, right: number, down: number, both: number];
  readonly y: readonly [origin: number, right: number, down: number, both: number];
}

/** Pillow's coefficients of a QUAD transform to a square of `size` pixels, in its order of operations (Image.py). */
export function quadCoefficients([nw, sw, se, ne]: Quad, size: number): QuadCoefficients {
  const each = 1 / size;
  const axis = (n: 0 | 1) =>
    [
      nw[n],
      (ne[n] - nw[n]) * each,
      (sw[n] - nw[n]) * each,
      (se[n] - sw[n] - ne[n] + nw[n]) * each * each,
    ] as const;
  return { x: axis(0), y: axis(1) };
}

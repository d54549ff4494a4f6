import type { Quad } from '../../raster/picture.ts';

/** Pixels about the quad that sampling it may look at: its neighbours, and one for a side that is not quite straight. */
const MARGIN = 2;

/** Columns of one row, `to` exclusive; none where it is not above `from`. */
export interface Columns {
  readonly from: number;
  readonly to: number;
}

/** Of each row of a picture, which pixels sampling a quad may look at. `corners` as Pillow takes them. */
export function quadRows(corners: Quad, width: number, height: number): readonly Columns[] {
  const least = new Float64Array(height).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(height).fill(Number.NEGATIVE_INFINITY);
  // Samples lie within the corners' hull, whose sides are among the lines between any two of them.
  const pairs = corners.flatMap((one, nth) => corners.slice(nth + 1).map((other) => [one, other] as const));
  for (const [one, other] of pairs) {
    const [[x0, y0], [x1, y1]] = one[1] <= other[1] ? [one, other] : [other, one];
    const xAt = (y: number) => (y1 === y0 ? x0 : x0 + ((x1 - x0) * (y - y0)) / (y1 - y0));
    const last = Math.min(height - 1, Math.ceil(y1) + MARGIN);
    for (let row = Math.max(0, Math.floor(y0) - MARGIN - 1); row <= last; row++) {
      const [above, below] = [Math.max(y0, row - MARGIN), Math.min(y1, row + 1 + MARGIN)];
      if (above > below) continue;
      const ends = y1 === y0 ? [x0, x1] : [xAt(above), xAt(below)];
      least[row] = Math.min(least[row] as number, ...ends);
      most[row] = Math.max(most[row] as number, ...ends);
    }
  }
  return Array.from({ length: height }, (_, row) => ({
    from: Math.max(0, Math.min(width, Math.floor(least[row] as number) - MARGIN)),
    to: Math.max(0, Math.min(width, Math.ceil(most[row] as number) + MARGIN)),
  }));
}

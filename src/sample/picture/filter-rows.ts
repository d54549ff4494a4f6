import type { Picture } from '../../domain/raster/picture.ts';

const SUB = 1;
const UP = 2;

/**
 * Rows as deflate gets them: a filter byte, then differences. Not the choice that the aligner's encoder makes: Sub and Up
 * take turns here, so that every reader of the sample meets both.
 *
 * @param filtered - Written to from the place of `fromRow` on; 1 + 3 * width bytes a row.
 * @param toRow - The first row that is left alone.
 */
export function filterRows(
  { data, width }: Picture,
  filtered: Uint8Array,
  fromRow: number,
  toRow: number,
): void {
  const stride = width * 3;
  let to = fromRow * (stride + 1);
  for (let row = fromRow; row < toRow; row++) {
    const start = row * stride;
    const filter = row % 2 === 0 ? SUB : UP;
    filtered[to++] = filter;
    if (filter === UP) {
      for (let at = start; at < start + stride; at++) {
        filtered[to++] = (data[at] ?? 0) - (data[at - stride] ?? 0);
      }
    } else {
      for (let at = start; at < start + 3; at++) filtered[to++] = data[at] ?? 0;
      for (let at = start + 3; at < start + stride; at++) {
        filtered[to++] = (data[at] ?? 0) - (data[at - 3] ?? 0);
      }
    }
  }
}

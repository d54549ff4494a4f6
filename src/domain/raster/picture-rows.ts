import type { Picture, Size } from './picture.ts';

/**
 * Hears some rows, from the top of the picture to its bottom, each once.
 *
 * @param rows begins with row `firstRow`; the bytes are the teller's until the call returns
 * @param line bytes from the beginning of a row to that of the next
 */
export type OnPictureRows = (rows: Uint8Array, line: number, firstRow: number, count: number) => void;

/** A picture that exists row by row, while it is read. */
export interface PictureRows extends Size {
  /** Tells all rows. Throws what is wrong with the picture, when some of them have been told. */
  read(onRows: OnPictureRows): void;
}

export function rowsOf({ width, height, data }: Picture): PictureRows {
  return { width, height, read: (onRows) => onRows(data, 3 * width, 0, height) };
}

/** All of it, for steps that look at rows more than once. */
export function wholePicture(source: PictureRows): Picture {
  const { width, height } = source;
  const data = new Uint8Array(3 * width * height);
  source.read(copyTo(data, width));
  return { width, height, data };
}

/** Puts the rows of a picture that is so wide where they belong in `data`. */
export function copyTo(data: Uint8Array, width: number): OnPictureRows {
  const row = 3 * width;
  return (rows, line, firstRow, count) => {
    for (let nth = 0; nth < count; nth++)
      data.set(rows.subarray(nth * line, nth * line + row), (firstRow + nth) * row);
  };
}

/** The shapes that the alignment works on. Points are (x, y) in pixels, y down; boxes are whole pixels. */

/** 8-bit RGB: `height` rows from the top, `3 * width` bytes each, nothing between them. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type Point = readonly [x: number, y: number];

/** Corners in the order of Pillow's QUAD transform: north-west, south-west, south-east, north-east. */
export type Quad = readonly [nw: Point, sw: Point, se: Point, ne: Point];

/** `right` and `bottom` are the first column and row outside. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Columns and rows to add at each side. */
export interface Pad {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A copy of the box, which lies inside the picture. */
export function cutPicture(picture: Picture, { left, top, right, bottom }: Box): Picture {
  const [width, height] = [right - left, bottom - top];
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * picture.width + left) * 3;
    data.set(picture.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, data };
}

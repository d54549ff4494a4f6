import type { Box, Pad, Point, Quad, Size } from '../raster/picture.ts';
import { type Crop, OUTPUT_SIZE } from './align-spec.ts';
import { boxAround } from './crop-quad.ts';

/** What is done to one picture, in pixels of the picture as it is at each step. */
export interface CropSteps {
  /** Size to which the original is made smaller first; undefined: as it is. */
  readonly shrunk: Size | undefined;
  /** Cut from the (shrunk) original. */
  readonly box: Box;
  /** Undefined: nothing is padded. */
  readonly pad: Pad | undefined;
  /** Of the blur, in pixels. */
  readonly sigma: number;
  /** Where the output's corners lie, as Pillow takes them. */
  readonly corners: Quad;
}

/** A face that no picture can be cut for: the reference fails there, or makes a picture of nothing. */
export class CropError extends Error {
  override readonly name = 'CropError';
  readonly reason: 'crop-outside' | 'degenerate-face';

  constructor(reason: CropError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * A padded picture of more pixels than this must be explained by its original: the face's square has at most so many of its
 * sides. A face that fills its photograph from chin to brow has 2, one of which the photograph shows the eyes and the mouth
 * alone has 4; padding the rest would only spread a few pixels over gigabytes. Of a strip no more of its length counts than
 * four times its width.
 */
const UNEXPLAINED_PIXELS = 8_000_000;
const MOST_SIDES = 8;
const LONGEST = 4;

/** Shrink factor, crop box and padding for one face, in the reference's order of operations. */
export function cropSteps(crop: Crop, original: Size, enablePadding: boolean): CropSteps {
  let { quad, size } = crop;
  let picture = original;
  const shrink = Math.floor((size / OUTPUT_SIZE) * 0.5);
  if (shrink > 1) {
    picture = { width: rint(original.width / shrink), height: rint(original.height / shrink) };
    quad = mapQuad(quad, ([x, y]) => [x / shrink, y / shrink]);
    size /= shrink;
  }
  const border = Math.max(rint(size * 0.1), 3);
  const around = boxAround(quad);
  const box: Box = {
    left: Math.max(around.left - border, 0),
    top: Math.max(around.top - border, 0),
    right: Math.min(around.right + border, picture.width),
    bottom: Math.min(around.bottom + border, picture.height),
  };
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  if (width <= 0 || height <= 0) {
    throw new CropError(
      'crop-outside',
      `crop [box=${around.left},${around.top},${around.right},${around.bottom}]: expected some of it inside ` +
        `${picture.width}x${picture.height} pixels, got none`,
    );
  }
  quad = mapQuad(quad, ([x, y]) => [x - box.left, y - box.top]);
  const inside = boxAround(quad);
  const out: Pad = {
    left: Math.max(-inside.left + border, 0),
    top: Math.max(-inside.top + border, 0),
    right: Math.max(inside.right - width + border, 0),
    bottom: Math.max(inside.bottom - height + border, 0),
  };
  const isPadded = enablePadding && Math.max(out.left, out.top, out.right, out.bottom) > border - 4;
  const pad = isPadded ? atLeast(out, rint(size * 0.3)) : undefined;
  if (pad && Math.min(pad.left, pad.top, pad.right, pad.bottom) === 0) {
    throw new CropError(
      'degenerate-face',
      `face [side=${size}]: expected a face of 2 pixels or more, got less`,
    );
  }
  if (pad && !isExplained(pad, width, height, crop, original)) {
    throw new CropError(
      'degenerate-face',
      `face [side=${crop.size}]: expected at most ${MOST_SIDES} times its original's ` +
        `${original.width}x${original.height} pixels, got more`,
    );
  }
  if (pad) quad = mapQuad(quad, ([x, y]) => [x + pad.left, y + pad.top]);
  return {
    shrunk: shrink > 1 ? picture : undefined,
    box,
    pad,
    sigma: size * 0.02,
    corners: mapQuad(quad, ([x, y]) => [x + 0.5, y + 0.5]),
  };
}

function isExplained(pad: Pad, width: number, height: number, { size }: Crop, original: Size): boolean {
  const side = Math.max(original.width, original.height);
  const counted = Math.min(side, LONGEST * Math.min(original.width, original.height));
  if (size <= MOST_SIDES * counted) return true;
  return (pad.left + width + pad.right) * (pad.top + height + pad.bottom) <= UNEXPLAINED_PIXELS;
}

/** To the nearest whole number, ties to the even one: Python's and NumPy's rounding. */
function rint(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return rest > 0.5 ? down + 1 : down;
  return down % 2 === 0 ? down : down + 1;
}

function mapQuad([nw, sw, se, ne]: Quad, move: (point: Point) => Point): Quad {
  return [move(nw), move(sw), move(se), move(ne)];
}

function atLeast({ left, top, right, bottom }: Pad, least: number): Pad {
  return {
    left: Math.max(left, least),
    top: Math.max(top, least),
    right: Math.max(right, least),
    bottom: Math.max(bottom, least),
  };
}

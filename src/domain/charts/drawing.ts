/** A drawing of ours, as numbers and plain text: the same for SVG and for pixels. Units are CSS pixels, y down. */

/** `#rrggbb`. */
export type Color = `#${string}`;

/** Absolute: move, line, cubic curve, close. */
export type PathStep =
  | readonly ['M' | 'L', x: number, y: number]
  | readonly ['C', x1: number, y1: number, x2: number, y2: number, x: number, y: number]
  | readonly ['Z'];

/** An area; `title` is what a browser says of it under the pointer. */
export interface Area {
  readonly color: Color;
  readonly path: readonly PathStep[];
  readonly title?: string;
}

/** A line of text on its baseline, from its left end. It is printable: see letterforms.ts. */
export interface Words {
  readonly color: Color;
  readonly words: string;
  readonly x: number;
  readonly y: number;
  /** Of an em. */
  readonly size: number;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly background: Color;
  /** What it says, for those who do not see it. */
  readonly title: string;
  readonly shapes: readonly (Area | Words)[];
}

export function rectangle(x: number, y: number, width: number, height: number, color: Color): Area {
  const [right, bottom] = [x + width, y + height];
  return { color, path: [['M', x, y], ['L', right, y], ['L', right, bottom], ['L', x, bottom], ['Z']] };
}

/** A straight line as the area that it covers. */
export function stroke(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  width: number,
  color: Color,
): Area {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [((y1 - y2) / length) * (width / 2), ((x2 - x1) / length) * (width / 2)];
  return {
    color,
    path: [
      ['M', x1 + dx, y1 + dy],
      ['L', x2 + dx, y2 + dy],
      ['L', x2 - dx, y2 - dy],
      ['L', x1 - dx, y1 - dy],
      ['Z'],
    ],
  };
}

/** A place on a circle, by the share of it that lies before, clockwise from the top. */
export function onCircle(cx: number, cy: number, radius: number, turn: number): readonly [number, number] {
  const angle = turn * 2 * Math.PI;
  return [cx + radius * Math.sin(angle), cy - radius * Math.cos(angle)];
}

/** A part of a disc, by the shares of the whole between which it lies. */
export function sector(cx: number, cy: number, radius: number, from: number, to: number): PathStep[] {
  const arc = arcOf(cx, cy, radius, from, to);
  const [x, y] = onCircle(cx, cy, radius, from);
  if (to - from > 1 - 1e-9) return [['M', x, y], ...arc, ['Z']];
  return [['M', cx, cy], ['L', x, y], ...arc, ['Z']];
}

/** Cubic curves of at most an eighth of the circle each, which no eye tells from it. */
function arcOf(cx: number, cy: number, radius: number, from: number, to: number): PathStep[] {
  const pieces = Math.max(1, Math.ceil((to - from) * 8));
  const piece = (to - from) / pieces;
  const reach = (4 / 3) * Math.tan((piece * 2 * Math.PI) / 4) * radius;
  return Array.from({ length: pieces }, (_, nth): PathStep => {
    const [begin, end] = [from + nth * piece, from + (nth + 1) * piece];
    const [x0, y0] = onCircle(cx, cy, radius, begin);
    const [x3, y3] = onCircle(cx, cy, radius, end);
    const [bx, by] = alongCircle(begin, reach);
    const [ex, ey] = alongCircle(end, reach);
    return ['C', x0 + bx, y0 + by, x3 - ex, y3 - ey, x3, y3];
  });
}

function alongCircle(turn: number, length: number): readonly [number, number] {
  const angle = turn * 2 * Math.PI;
  return [length * Math.cos(angle), length * Math.sin(angle)];
}

import type { Box, Picture } from '../raster/picture.ts';
import type { Drawing, PathStep } from './drawing.ts';
import { outlineSteps } from './outline-steps.ts';

/** Lines to a curve: none is longer than a pixel or two in a chart. */
const PIECES = 12;

/** A drawing as RGB pixels, `scale` of them to a unit. */
export function pixelsOf(drawing: Drawing, scale: number): Picture {
  const width = Math.round(drawing.width * scale);
  const height = Math.round(drawing.height * scale);
  const data = new Uint8Array(width * height * 3);
  const [red, green, blue] = channelsOf(drawing.background);
  for (let at = 0; at < data.length; at += 3) {
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
  }
  const canvas = new Canvas({ width, height, data }, scale);
  for (const shape of drawing.shapes) {
    const path = 'words' in shape ? outlineSteps(shape) : shape.path;
    canvas.fill(path, channelsOf(shape.color));
  }
  return { width, height, data };
}

/**
 * Fills areas with smooth edges: every edge adds the area to its right to a sum, and the sums along a row say how much of
 * each pixel is covered.
 */
class Canvas {
  readonly #picture: Picture;
  readonly #scale: number;
  /** One more cell to a row, and a row below: where an edge ends at the border. */
  readonly #sums: Float32Array;
  readonly #stride: number;

  constructor(picture: Picture, scale: number) {
    this.#picture = picture;
    this.#scale = scale;
    this.#stride = picture.width + 2;
    this.#sums = new Float32Array(this.#stride * (picture.height + 1));
  }

  fill(path: readonly PathStep[], color: readonly [number, number, number]): void {
    let [x, y] = [0, 0];
    let [beginX, beginY] = [0, 0];
    let [top, bottom] = [this.#picture.height, 0];
    let [left, right] = [this.#picture.width, 0];
    const to = (nextX: number, nextY: number) => {
      top = Math.min(top, y, nextY);
      bottom = Math.max(bottom, y, nextY);
      left = Math.min(left, x, nextX);
      right = Math.max(right, x, nextX);
      this.#edge(x, y, nextX, nextY);
      [x, y] = [nextX, nextY];
    };
    for (const step of path) {
      if (step[0] === 'Z') {
        to(beginX, beginY);
        continue;
      }
      const numbers = step.slice(1).map((value) => Number(value) * this.#scale);
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = numbers;
      if (step[0] === 'M') [x, y, beginX, beginY] = [x1, y1, x1, y1];
      else if (step[0] === 'L') to(x1, y1);
      else {
        const [x0, y0] = [x, y];
        for (let nth = 1; nth <= PIECES; nth++) {
          const t = nth / PIECES;
          const u = 1 - t;
          const [a, b, c, d] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
          to(a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3);
        }
      }
    }
    const { width, height } = this.#picture;
    const box = { left: Math.max(0, Math.floor(left)), right: Math.min(width, Math.ceil(right) + 1) };
    this.#paint(
      { ...box, top: Math.max(0, Math.floor(top)), bottom: Math.min(height, Math.ceil(bottom)) },
      color,
    );
  }

  /** Adds what lies right of an edge, row by row. */
  #edge(fromX: number, fromY: number, toX: number, toY: number): void {
    if (fromY === toY) return;
    const direction = fromY < toY ? 1 : -1;
    const [topX, topY, endX, endY] = fromY < toY ? [fromX, fromY, toX, toY] : [toX, toY, fromX, fromY];
    const slope = (endX - topX) / (endY - topY);
    const last = Math.min(this.#picture.height, Math.ceil(endY));
    for (let row = Math.max(0, Math.floor(topY)); row < last; row++) {
      const [begin, end] = [Math.max(row, topY), Math.min(row + 1, endY)];
      if (end <= begin) continue;
      const left = topX + (begin - topY) * slope;
      const right = topX + (end - topY) * slope;
      this.#cover(row, Math.min(left, right), Math.max(left, right), direction * (end - begin));
    }
  }

  /** The part of an edge within one row, from column `left` to `right`, of that height. */
  #cover(row: number, left: number, right: number, height: number): void {
    const { width } = this.#picture;
    const base = row * this.#stride;
    const from = Math.min(width, Math.max(0, left));
    const to = Math.min(width, Math.max(0, right));
    const first = Math.floor(from);
    const last = Math.floor(to);
    const span = to - from;
    const add = (column: number, value: number) => {
      this.#sums[base + column] = (this.#sums[base + column] ?? 0) + value;
    };
    if (first === last) {
      const covered = 1 - ((from + to) / 2 - first);
      add(first, height * covered);
      add(first + 1, height * (1 - covered));
      return;
    }
    for (let column = first; column <= last; column++) {
      const [begin, end] = [Math.max(from, column), Math.min(to, column + 1)];
      const part = (height * (end - begin)) / span;
      const covered = 1 - ((begin + end) / 2 - column);
      add(column, part * covered);
      add(column + 1, part * (1 - covered));
    }
  }

  #paint({ left, right, top, bottom }: Box, [red, green, blue]: readonly [number, number, number]): void {
    const { width, data } = this.#picture;
    const mixed = (at: number, value: number, covered: number) => {
      const under = data[at] ?? 0;
      data[at] = Math.round(under + (value - under) * covered);
    };
    for (let row = top; row < bottom; row++) {
      let sum = 0;
      const base = row * this.#stride;
      for (let column = left; column < right; column++) {
        sum += this.#sums[base + column] ?? 0;
        const covered = Math.min(1, Math.abs(sum));
        if (covered < 0.002) continue;
        const at = (row * width + column) * 3;
        mixed(at, red, covered);
        mixed(at + 1, green, covered);
        mixed(at + 2, blue, covered);
      }
      this.#sums.fill(0, base, base + this.#stride);
    }
  }
}

function channelsOf(color: string): readonly [number, number, number] {
  const number = Number.parseInt(color.slice(1), 16);
  return [number >> 16, (number >> 8) & 0xff, number & 0xff];
}

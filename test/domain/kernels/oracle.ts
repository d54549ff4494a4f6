/**
 * The published definitions, pixel by pixel, as plainly as they can be written: slow, and sharing nothing with the
 * kernels but Gaussian weights. Sources: Pillow's Resample.c and Geometry.c, NumPy's `pad`, SciPy's ndimage.
 */
import type { Box, Pad, Picture, Quad, Size } from '../../../src/domain/raster/picture.ts';

const { fround } = Math;

function picture(
  width: number,
  height: number,
  at: (x: number, y: number, channel: number) => number,
): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) data[(y * width + x) * 3 + channel] = at(x, y, channel);
  return { width, height, data };
}

function sample({ width, data }: Picture, x: number, y: number, channel: number): number {
  return data[(y * width + x) * 3 + channel] as number;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));
const lanczos3 = (x: number) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0);

/** One output sample of Pillow's 8-bit resize: normalised weights in 22-bit fixed point, rounded, limited. */
function resized(from: number, to: number, at: number, read: (at: number) => number): number {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const centre = (at + 0.5) * scale;
  const first = Math.max(0, Math.trunc(centre - 3 * stretch + 0.5));
  const last = Math.min(from, Math.trunc(centre + 3 * stretch + 0.5));
  const weights: number[] = [];
  for (let i = first; i < last; i++) weights.push(lanczos3((i - centre + 0.5) * (1 / stretch)));
  const sum = weights.reduce((a, b) => a + b, 0);
  let total = 2 ** 21;
  for (const [nth, weight] of weights.entries()) {
    const scaled = (weight / sum) * 2 ** 22;
    total += Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5)) * read(first + nth);
  }
  return Math.min(255, Math.max(0, Math.floor(total / 2 ** 22)));
}

/** `Image.resize(target, LANCZOS)`, whole. */
export function resize(source: Picture, target: Size): Picture {
  const across =
    source.width === target.width
      ? source
      : picture(target.width, source.height, (x, y, channel) =>
          resized(source.width, target.width, x, (at) => sample(source, at, y, channel)),
        );
  if (source.height === target.height) return across;
  return picture(target.width, target.height, (x, y, channel) =>
    resized(source.height, target.height, y, (at) => sample(across, x, at, channel)),
  );
}

export function crop(source: Picture, box: Box): Picture {
  return picture(box.right - box.left, box.bottom - box.top, (x, y, channel) =>
    sample(source, box.left + x, box.top + y, channel),
  );
}

/** `Image.transform((size, size), QUAD, corners, BILINEAR)`. */
export function transform(source: Picture, [nw, sw, se, ne]: Quad, size: number): Picture {
  const each = 1 / size;
  const position = (n: 0 | 1, u: number, v: number) =>
    nw[n] +
    (ne[n] - nw[n]) * each * u +
    (sw[n] - nw[n]) * each * v +
    (se[n] - sw[n] - ne[n] + nw[n]) * each * each * u * v;
  const clamp = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
  return picture(size, size, (column, row, channel) => {
    const x = position(0, column + 0.5, row + 0.5);
    const y = position(1, column + 0.5, row + 0.5);
    if (!(x >= 0 && x < source.width && y >= 0 && y < source.height)) return 0;
    const left = Math.floor(x - 0.5);
    const top = Math.floor(y - 0.5);
    const [dx, dy] = [x - 0.5 - left, y - 0.5 - top];
    const at = (right: number, down: number) =>
      sample(source, clamp(left + right, source.width), clamp(top + down, source.height), channel);
    const above = at(0, 0) + (at(1, 0) - at(0, 0)) * dx;
    const below = at(0, 1) + (at(1, 1) - at(0, 1)) * dx;
    return Math.trunc(above + (below - above) * dy);
  });
}

/** `np.pad(range(length), (before, after), mode='reflect')`, by growing a list at both ends until it is long enough. */
function reflected(length: number, before: number, after: number): number[] {
  let list = Array.from({ length }, (_, at) => at);
  if (length === 1) return Array.from({ length: before + 1 + after }, () => 0);
  let [left, right] = [before, after];
  while (left > 0 || right > 0) {
    // Both ends grow by what is known, the left one first; the edge sample itself is not repeated.
    const most = list.length - 1;
    const grownLeft = Math.min(most, left);
    list = [...list.slice(1, 1 + grownLeft).reverse(), ...list];
    const grownRight = Math.min(most, right);
    list = [...list, ...list.slice(list.length - 1 - grownRight, -1).reverse()];
    left -= grownLeft;
    right -= grownRight;
  }
  return list;
}

/** SciPy's `reflect` beyond the edges of a filtered line, one step at a time. */
function bounced(at: number, length: number): number {
  let place = at;
  while (place < 0 || place >= length) place = place < 0 ? -1 - place : 2 * length - 1 - place;
  return place;
}

function filtered(line: readonly number[], weights: Float64Array): number[] {
  const radius = weights.length - 1;
  return line.map((_, at) => {
    const read = (distance: number) => line[bounced(at + distance, line.length)] as number;
    let sum = read(0) * (weights[0] as number);
    for (let k = radius; k > 0; k--) sum += (read(-k) + read(k)) * (weights[k] as number);
    return fround(sum);
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : fround(fround((sorted[half - 1] as number) + upper) / 2);
}

const clip01 = (value: number) => Math.min(1, Math.max(0, value));
const mix = (value: number, towards: number, share: number) =>
  fround(value + fround(fround(towards - value) * share));

function roundedByte(value: number): number {
  const nearest = Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
  return Math.min(255, Math.max(0, nearest));
}

/** The reference's padding: reflect, blur towards the edges, then the median, in float32. */
export function padAndBlend(source: Picture, pad: Pad, weights: Float64Array): Picture {
  const across = reflected(source.width, pad.left, pad.right);
  const down = reflected(source.height, pad.top, pad.bottom);
  const [width, height] = [across.length, down.length];
  const mask = (x: number, y: number) =>
    Math.max(
      fround(1 - Math.min(fround(x / pad.left), fround((width - 1 - x) / pad.right))),
      fround(1 - Math.min(fround(y / pad.top), fround((height - 1 - y) / pad.bottom))),
    );
  const channels = [0, 1, 2].map((channel) => {
    const rows = down.map((y) => across.map((x) => sample(source, x, y, channel)));
    const columns = across.map((_, x) =>
      filtered(
        rows.map((row) => row[x] as number),
        weights,
      ),
    );
    const blurred = rows.map((_, y) =>
      filtered(
        columns.map((column) => column[y] as number),
        weights,
      ),
    );
    const blended = rows.map((row, y) =>
      row.map((value, x) =>
        mix(value, (blurred[y] as number[])[x] as number, clip01(fround(fround(mask(x, y) * 3) + 1))),
      ),
    );
    const middle = median(blended.flat());
    return blended.map((row, y) =>
      row.map((value, x) => roundedByte(mix(value, middle, clip01(mask(x, y))))),
    );
  });
  return picture(
    width,
    height,
    (x, y, channel) => ((channels[channel] as number[][])[y] as number[])[x] as number,
  );
}

import type { Box, Size } from '../../raster/picture.ts';

/** Pillow's `LANCZOS`: support in source pixels at scale 1. */
const SUPPORT = 3;

/** Coefficients are whole numbers of 22 fractional bits: 8 bits of sample and 2 of head room fill 32. */
export const PRECISION_BITS = 22;

/**
 * One axis of a resize from `from` to `to` samples. Output sample `i` is the sum of `counts[i]` input samples from
 * `starts[i]` on, times `coefficients[i * width ...]`, plus a half, shifted right by 22 and limited to 0..255 (Pillow,
 * Resample.c).
 */
export interface Taps {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly coefficients: Int32Array;
  /** Coefficients from one output sample to the next. */
  readonly width: number;
}

/** The taps of output samples `first` to `last` (exclusive). */
export function lanczosTaps(from: number, to: number, first = 0, last = to): Taps {
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = SUPPORT * filterScale;
  const width = Math.ceil(support) * 2 + 1;
  const length = last - first;
  const starts = new Int32Array(length);
  const counts = new Int32Array(length);
  const coefficients = new Int32Array(length * width);
  const weights = new Float64Array(width);
  for (let i = 0; i < length; i++) {
    const centre = (first + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let at = start; at < end; at++) {
      const weight = lanczos((at - centre + 0.5) * (1 / filterScale));
      weights[at - start] = weight;
      sum += weight;
    }
    starts[i] = start;
    counts[i] = end - start;
    for (let at = 0; at < end - start; at++) {
      const weight = weights[at] ?? 0;
      const exact = (sum === 0 ? weight : weight / sum) * 2 ** PRECISION_BITS;
      coefficients[i * width + at] = Math.trunc(exact < 0 ? exact - 0.5 : exact + 0.5);
    }
  }
  return { starts, counts, coefficients, width };
}

/** Part of a picture of size `whole` that a window of its resize to `target` is made from. */
export function lanczosSupport(whole: Size, target: Size, window: Box): Box {
  const [left, right] = reach(whole.width, target.width, window.left, window.right);
  const [top, bottom] = reach(whole.height, target.height, window.top, window.bottom);
  return { left, top, right, bottom };
}

function reach(from: number, to: number, first: number, last: number): [start: number, end: number] {
  if (from === to) return [first, last];
  const { starts, counts } = lanczosTaps(from, to, first, last);
  const nth = last - first - 1;
  return [starts[0] ?? 0, (starts[nth] ?? 0) + (counts[nth] ?? 0)];
}

function lanczos(x: number): number {
  return x >= -SUPPORT && x < SUPPORT ? sinc(x) * sinc(x / SUPPORT) : 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}

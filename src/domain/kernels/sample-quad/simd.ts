import type { Kernels } from '../align-kernels.ts';
import type { Box, Quad } from '../picture.ts';
import { checkCorners, quadCoefficients } from '../quad-transform.ts';
import { lanczosTaps, type Taps } from '../resample/lanczos.ts';
import { plainSampleQuad } from './plain.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  planeStride(width: number): number;
  workBytes(): number;
  expand(
    from: number,
    to: number,
    width: number,
    height: number,
    left: number,
    top: number,
    right: number,
    bottom: number,
  ): void;
  sampleQuad(
    source: number,
    width: number,
    height: number,
    coefficients: number,
    size: number,
    taps: number,
    tapWidth: number,
    inner: number,
    outer: number,
    work: number,
    output: number,
  ): void;
}

const PAGE = 64 * 1024;
const ROOM = 64;
/** A memory this large is given back after use: WebAssembly's memories only grow. */
const KEPT_BYTES = 256 * 1024 ** 2;
const TAPS = 24;
/** Pixels about the corners' hull whose cells samples may lie in, and one for rounding. */
const MARGIN = 3;
/** Larger pictures, which the recipe never asks for, are left to the plain kernel. */
const MOST_OUTPUT = 1024;

/**
 * {@link Kernels.sampleQuad} by `assembly/sample-quad.ts`, for squares of four times the output's side; the plain kernel
 * does other ratios, which the recipe never asks for. Memory: 9 bytes a pixel of the source, and 4 MB.
 */
export class SimdSampleQuad {
  readonly #module: WebAssembly.Module;
  #exports: Exports;
  #taps:
    | { readonly size: number; readonly taps: Taps; readonly inner: number; readonly outer: number }
    | undefined;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#exports = instantiate(module);
  }

  readonly sampleQuad: Kernels['sampleQuad'] = (source, corners, transformSize, outputSize) => {
    checkCorners(corners);
    if (transformSize !== 4 * outputSize || outputSize < 16 || outputSize > MOST_OUTPUT) {
      return plainSampleQuad(source, corners, transformSize, outputSize);
    }
    const { width, height, data } = source;
    const { taps, inner, outer } = this.#tapsFor(transformSize);
    const tapWords = taps.starts.length + taps.counts.length + taps.coefficients.length;
    const coefficients = align(this.#exports.heapBase());
    const tapsAt = coefficients + ROOM;
    const work = align(tapsAt + 4 * tapWords);
    const output = align(work + this.#exports.workBytes() + ROOM);
    const expanded = align(output + 3 * outputSize ** 2 + ROOM);
    const planes = 6 * this.#exports.planeStride(width) * (height + 2);
    const from = align(expanded + planes + ROOM);
    const memory = this.#grown(from + data.length + ROOM);
    const bytes = new Uint8Array(memory);
    const { left, top, right, bottom } = boxOf(corners, width, height);
    const firstByte = 3 * width * Math.max(0, top - 1);
    bytes.set(data.subarray(firstByte, 3 * width * (bottom + 1)), from + firstByte);
    const { x, y } = quadCoefficients(corners, transformSize);
    new Float64Array(memory, coefficients, 8).set([...x, ...y]);
    const words = new Int32Array(memory, tapsAt, tapWords);
    words.set(taps.starts);
    words.set(taps.counts, taps.starts.length);
    words.set(taps.coefficients, taps.starts.length + taps.counts.length);
    const exports = this.#exports;
    exports.expand(from, expanded, width, height, left, top, right, bottom);
    exports.sampleQuad(
      ...([expanded, width, height, coefficients, transformSize] as const),
      ...([tapsAt, taps.width, inner, outer, work, output] as const),
    );
    const result = bytes.subarray(output, output + 3 * outputSize ** 2);
    if (memory.byteLength <= KEPT_BYTES) return { width: outputSize, height: outputSize, data: result };
    this.#exports = instantiate(this.#module);
    return { width: outputSize, height: outputSize, data: result.slice() };
  };

  /** Taps of the resize, and the output samples that have all of them: their coefficients are one and the same. */
  #tapsFor(size: number) {
    if (this.#taps?.size === size) return this.#taps;
    const taps = lanczosTaps(size, size / 4);
    const isInner = (i: number) => taps.counts[i] === TAPS && taps.starts[i] === 4 * i - 10;
    const inner = 3;
    const outer = size / 4 - 3;
    for (let i = inner; i < outer; i++) {
      const own = (tap: number) => taps.coefficients[i * taps.width + tap];
      const first = (tap: number) => taps.coefficients[inner * taps.width + tap];
      for (let tap = 0; tap < TAPS; tap++) {
        if (!isInner(i) || own(tap) !== first(tap) || own(tap) !== own(TAPS - 1 - tap)) {
          throw new Error(
            `Lanczos [sample=${i}, tap=${tap}]: expected the same symmetric coefficients throughout`,
          );
        }
      }
    }
    this.#taps = { size, taps, inner, outer };
    return this.#taps;
  }

  #grown(bytes: number): ArrayBuffer {
    const { memory } = this.#exports;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return memory.buffer;
  }
}

/** The part of a picture that sampling a quad may look at; some pixel of it, where that is none. */
function boxOf(corners: Quad, width: number, height: number): Box {
  const side = (axis: 0 | 1, length: number) => {
    const places = corners.map((corner) => corner[axis]);
    const from = Math.min(length - 1, Math.max(0, Math.floor(Math.min(...places)) - MARGIN));
    return [from, Math.max(from + 1, Math.min(length, Math.ceil(Math.max(...places)) + MARGIN))] as const;
  };
  const [left, right] = side(0, width);
  const [top, bottom] = side(1, height);
  return { left, top, right, bottom };
}

function instantiate(module: WebAssembly.Module): Exports {
  const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
  return instance.exports as unknown as Exports;
}

function align(at: number): number {
  return Math.ceil(at / 16) * 16;
}

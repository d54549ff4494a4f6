import type { Box, Picture, Quad } from '../../raster/picture.ts';
import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate, type WasmKernel } from '../../wasm/wasm-kernel.ts';
import { lanczosTaps } from '../resample/lanczos.ts';
import { checkCorners, type SampleQuad } from './contract.ts';
import { plainSampleQuad } from './plain.ts';
import { quadCoefficients } from './quad-transform.ts';

interface Exports extends WasmKernel {
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

/** A memory this large is given back after use: WebAssembly's memories only grow. */
const KEPT_BYTES = 256 * 1024 ** 2;
const TAPS = 24;
/** Pixels about the corners' hull whose cells samples may lie in, and one for rounding. */
const MARGIN = 3;
/** Larger pictures, which the recipe never asks for, are left to the plain kernel. */
const MOST_OUTPUT = 1024;

/** Taps of the resize as the kernel reads them, and the output samples, `outer` exclusive, that have all 24 of them. */
interface SquareTaps {
  readonly size: number;
  readonly words: Int32Array;
  readonly width: number;
  readonly inner: number;
  readonly outer: number;
}

/**
 * {@link SampleQuad} by `assembly/sample-quad`, for squares of four times the output's side; the plain kernel does other
 * ratios, which the recipe never asks for. Memory: 9 bytes a pixel of the source, and 4 MB.
 */
export function simdSampleQuad(module: WebAssembly.Module): SampleQuad {
  let kernel = instantiate<Exports>(module);
  let heap = new WasmHeap(kernel);
  let known: SquareTaps | undefined;
  return (source, corners, transformSize, outputSize) => {
    checkCorners(corners);
    if (transformSize !== 4 * outputSize || outputSize < 16 || outputSize > MOST_OUTPUT) {
      return plainSampleQuad(source, corners, transformSize, outputSize);
    }
    if (known?.size !== transformSize) known = squareTaps(transformSize);
    const taps = known;
    const data = heap.during(() => sampled(kernel, heap, source, corners, taps));
    if (kernel.memory.buffer.byteLength <= KEPT_BYTES) return { width: outputSize, height: outputSize, data };
    kernel = instantiate(module);
    heap = new WasmHeap(kernel);
    return { width: outputSize, height: outputSize, data: data.slice() };
  };
}

function sampled(
  kernel: Exports,
  heap: WasmHeap,
  { width, height, data }: Picture,
  corners: Quad,
  { size, words, width: step, inner, outer }: SquareTaps,
): Uint8Array {
  const { x, y } = quadCoefficients(corners, size);
  const coefficients = heap.put(Float64Array.of(...x, ...y));
  const taps = heap.put(words);
  const work = heap.take(kernel.workBytes());
  const outputBytes = 3 * (size / 4) ** 2;
  const output = heap.take(outputBytes);
  const expanded = heap.take(6 * kernel.planeStride(width) * (height + 2));
  const from = heap.take(data.length);
  const { left, top, right, bottom } = boxOf(corners, width, height);
  const firstByte = 3 * width * Math.max(0, top - 1);
  heap.bytes().set(data.subarray(firstByte, 3 * width * (bottom + 1)), from + firstByte);
  kernel.expand(from, expanded, width, height, left, top, right, bottom);
  kernel.sampleQuad(expanded, width, height, coefficients, size, taps, step, inner, outer, work, output);
  return heap.bytes().subarray(output, output + outputBytes);
}

/** Throws where inner samples do not all have the same symmetric coefficients, on which the kernel relies. */
function squareTaps(size: number): SquareTaps {
  const { starts, counts, coefficients, width } = lanczosTaps(size, size / 4);
  const inner = 3;
  const outer = size / 4 - 3;
  for (let i = inner; i < outer; i++) {
    const isInner = counts[i] === TAPS && starts[i] === 4 * i - 10;
    const own = (tap: number) => coefficients[i * width + tap];
    for (let tap = 0; tap < TAPS; tap++) {
      if (!isInner || own(tap) !== coefficients[inner * width + tap] || own(tap) !== own(TAPS - 1 - tap)) {
        throw new Error(
          `Lanczos [sample=${i}, tap=${tap}]: expected the same symmetric coefficients throughout`,
        );
      }
    }
  }
  return { size, words: Int32Array.from([...starts, ...counts, ...coefficients]), width, inner, outer };
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

import type { Quad } from '../../raster/picture.ts';
import type { PictureRows } from '../../raster/picture-rows.ts';
import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate, type WasmKernel } from '../../wasm/wasm-kernel.ts';
import { lanczosTaps } from '../resample/lanczos.ts';
import { checkCorners, type SampleQuad } from './contract.ts';
import { plainSampleQuad } from './plain.ts';
import { type Columns, quadRows } from './quad-rows.ts';
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
    right: number,
    first: number,
    last: number,
  ): void;
  measureCells(
    planes: number,
    width: number,
    height: number,
    left: number,
    right: number,
    first: number,
    last: number,
    isOne: boolean,
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
    strip: number,
    isOne: boolean,
    work: number,
    output: number,
  ): void;
}

/** A memory this large is given back after use: WebAssembly's memories only grow. */
const KEPT_BYTES = 256 * 1024 ** 2;
const TAPS = 24;
/** Rows of the source that are in the kernel's memory at a time. */
const BLOCK_ROWS = 32;
/** Rows of the source that a row of the square may cross before it is worked on in parts. */
const MOST_CROSSED = 600;
/** Columns of the output in such a part. */
const STRIP = 256;
/** From so many pixels in the quad's rows, what is fetched from memory costs more than samples in doubt. */
const MANY_PIXELS = 6_000_000;
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
 * ratios, which the recipe never asks for. Memory: 6 bytes a pixel of the source that the quad may look at, 4 if
 * these are many, and 4 MB.
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
  source: PictureRows,
  corners: Quad,
  { size, words, width: step, inner, outer }: SquareTaps,
): Uint8Array {
  const { width, height } = source;
  const { x, y } = quadCoefficients(corners, size);
  const coefficients = heap.put(Float64Array.of(...x, ...y));
  const taps = heap.put(words);
  const work = heap.take(kernel.workBytes());
  const outputBytes = 3 * (size / 4) ** 2;
  const output = heap.take(outputBytes);
  const rows = quadRows(corners, width, height);
  const isOne = rows.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0) > MANY_PIXELS;
  const planes = heap.take((isOne ? 4 : 6) * kernel.planeStride(width) * (height + 2));
  heap.during(() => {
    const block = heap.take(3 * width * BLOCK_ROWS);
    expand(kernel, heap, source, rows, block, planes, isOne);
  });
  const [nw, sw, se, ne] = corners;
  const isTurned = Math.max(Math.abs(ne[1] - nw[1]), Math.abs(se[1] - sw[1])) > MOST_CROSSED;
  const strip = isTurned ? STRIP : MOST_OUTPUT;
  const [at, to] = [coefficients, output];
  kernel.sampleQuad(planes, width, height, at, size, taps, step, inner, outer, strip, isOne, work, to);
  return heap.bytes().subarray(output, output + outputBytes);
}

/** Rows of a picture that are worked on together, `last` exclusive, and the columns of them that are looked at. */
interface Block {
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly right: number;
}

/** The part of a picture that sampling a quad may look at, to planes; some pixel of it, where that is none. */
function expand(
  kernel: Exports,
  heap: WasmHeap,
  source: PictureRows,
  columns: readonly Columns[],
  at: number,
  planes: number,
  isOne: boolean,
): void {
  const { width, height } = source;
  const isSeen = ({ from, to }: Columns) => from < to;
  const top = Math.max(0, columns.findIndex(isSeen) - 1);
  const bottom = Math.min(height, columns.findLastIndex(isSeen) + 2);
  const blockFrom = (first: number): Block => {
    const last = Math.min(first + BLOCK_ROWS, bottom);
    const seen = columns.slice(Math.max(0, first - 1), last + 1).filter(isSeen);
    const left = Math.max(0, Math.min(width - 1, ...seen.map(({ from }) => from)) - 1);
    const right = Math.min(width, Math.max(left + 1, ...seen.map(({ to }) => to)) + 1);
    return { first, last, left, right };
  };
  let block = blockFrom(top);
  // A row of the planes lies one below the picture's, for the frame.
  let measured = top === 0 ? 0 : top + 1;
  const take = () => {
    const { first, last, left, right } = block;
    kernel.expand(at, planes, width, height, left, right, first, last);
    const complete = last === height ? height + 1 : last;
    kernel.measureCells(planes, width, height, left, right, measured, complete, isOne);
    measured = complete;
    block = blockFrom(last);
  };
  source.read((rows, line, firstRow, count) => {
    const bytes = heap.bytes();
    for (let y = Math.max(firstRow, top); y < Math.min(firstRow + count, bottom); y++) {
      const [from, to] = [3 * Math.max(0, block.left - 1), 3 * Math.min(width, block.right + 1)];
      const start = (y - firstRow) * line;
      bytes.set(rows.subarray(start + from, start + to), at + 3 * width * (y - block.first) + from);
      if (y + 1 === block.last) take();
    }
  });
  if (block.first !== bottom)
    throw new Error(`picture: expected rows up to ${bottom}, got ${block.first} of them`);
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

import type { Kernels } from '../align-kernels.ts';
import type { Box, Picture, Size } from '../picture.ts';
import { WasmHeap } from '../wasm-heap.ts';
import { lanczosTaps } from './lanczos.ts';
import { checkWindow, cutColumns } from './plain.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  resampleRows(
    from: number,
    fromStride: number,
    to: number,
    rows: number,
    width: number,
    starts: number,
    counts: number,
    coefficients: number,
    step: number,
  ): void;
  resampleColumn(
    from: number,
    stride: number,
    to: number,
    length: number,
    count: number,
    coefficients: number,
  ): void;
}

/** Rows of the source that are in the kernel's memory at a time. */
const BLOCK_ROWS = 64;

/**
 * {@link Kernels.resample} by `assembly/resample.ts`. Memory, until the next call: 3 bytes for each pixel of the source's
 * height and the window's width, 3 a pixel of the window, and 64 rows of the source.
 */
export class SimdResample {
  readonly #module: WebAssembly.Module;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  readonly resample: Kernels['resample'] = (source, sourceBox, whole, target, window) => {
    checkWindow(source, sourceBox, target, window);
    // One face in many is shrunk: its memory is not kept for the others.
    const instance = new WebAssembly.Instance(this.#module, { env: { abort: () => {} } });
    const kernel = instance.exports as unknown as Exports;
    const heap = new WasmHeap(kernel);
    const width = window.right - window.left;
    const rows = heap.take(3 * width * source.height);
    resampleRows(kernel, heap, rows, source, sourceBox, whole, target, window);
    const height = window.bottom - window.top;
    if (whole.height === target.height) {
      const from = rows + 3 * width * (window.top - sourceBox.top);
      return { width, height, data: heap.bytes().subarray(from, from + 3 * width * height) };
    }
    const taps = lanczosTaps(whole.height, target.height, window.top, window.bottom);
    const coefficients = heap.put(taps.coefficients);
    const output = heap.take(3 * width * height);
    for (let y = 0; y < height; y++) {
      const from = rows + 3 * width * ((taps.starts[y] as number) - sourceBox.top);
      const own = coefficients + 4 * taps.width * y;
      kernel.resampleColumn(
        ...[from, 3 * width, output + 3 * width * y, 3 * width, taps.counts[y] as number, own],
      );
    }
    return { width, height, data: heap.bytes().subarray(output, output + 3 * width * height) };
  };
}

/** The first pass: every row of the source, to the window's width. */
function resampleRows(
  kernel: Exports,
  heap: WasmHeap,
  to: number,
  source: Picture,
  box: Box,
  whole: Size,
  target: Size,
  window: Box,
): void {
  const width = window.right - window.left;
  if (whole.width === target.width) {
    heap.bytes().set(cutColumns(source, window.left - box.left, width).data, to);
    return;
  }
  const taps = lanczosTaps(whole.width, target.width, window.left, window.right);
  const starts = heap.put(taps.starts.map((start) => start - box.left));
  const counts = heap.put(taps.counts);
  const coefficients = heap.put(taps.coefficients);
  const stride = 3 * source.width;
  const block = heap.take(stride * BLOCK_ROWS);
  for (let y = 0; y < source.height; y += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, source.height - y);
    heap.bytes().set(source.data.subarray(stride * y, stride * (y + rows)), block);
    kernel.resampleRows(
      ...[block, stride, to + 3 * width * y, rows, width, starts, counts, coefficients, taps.width],
    );
  }
}

import type { Box, Size } from '../../raster/picture.ts';
import { copyTo, type PictureRows, wholePicture } from '../../raster/picture-rows.ts';
import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate, type WasmKernel } from '../../wasm/wasm-kernel.ts';
import { checkWindow, type Resample } from './contract.ts';
import { lanczosTaps } from './lanczos.ts';
import { cutColumns } from './plain.ts';

interface Exports extends WasmKernel {
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
 * {@link Resample} by `assembly/resample`. Memory, until the next call: 3 bytes for each pixel of the source's height and the
 * window's width, 3 a pixel of the window, and 64 rows of the source.
 */
export function simdResample(module: WebAssembly.Module): Resample {
  return (source, sourceBox, whole, target, window) => {
    checkWindow(source, sourceBox, target, window);
    // One face in many is shrunk: its memory is not kept for the others.
    const kernel = instantiate<Exports>(module);
    const heap = new WasmHeap(kernel);
    const width = window.right - window.left;
    const line = 3 * width;
    const rows = heap.take(line * source.height);
    resampleRows(kernel, heap, rows, source, sourceBox, whole, target, window);
    const height = window.bottom - window.top;
    if (whole.height === target.height) {
      const from = rows + line * (window.top - sourceBox.top);
      return { width, height, data: heap.bytes().subarray(from, from + line * height) };
    }
    const taps = lanczosTaps(whole.height, target.height, window.top, window.bottom);
    const coefficients = heap.put(taps.coefficients);
    const output = heap.take(line * height);
    for (let y = 0; y < height; y++) {
      const from = rows + line * ((taps.starts[y] as number) - sourceBox.top);
      const own = coefficients + 4 * taps.width * y;
      kernel.resampleColumn(from, line, output + line * y, line, taps.counts[y] as number, own);
    }
    return { width, height, data: heap.bytes().subarray(output, output + line * height) };
  };
}

/** The first pass: every row of the source, to the window's width. */
function resampleRows(
  kernel: Exports,
  heap: WasmHeap,
  to: number,
  source: PictureRows,
  box: Box,
  whole: Size,
  target: Size,
  window: Box,
): void {
  const width = window.right - window.left;
  if (whole.width === target.width) {
    heap.bytes().set(cutColumns(wholePicture(source), window.left - box.left, width).data, to);
    return;
  }
  const taps = lanczosTaps(whole.width, target.width, window.left, window.right);
  const starts = heap.put(taps.starts.map((start) => start - box.left));
  const counts = heap.put(taps.counts);
  const coefficients = heap.put(taps.coefficients);
  const stride = 3 * source.width;
  const block = heap.take(stride * BLOCK_ROWS);
  source.read((pixels, line, firstRow, count) => {
    for (let nth = 0; nth < count; nth += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, count - nth);
      copyTo(heap.bytes().subarray(block), source.width)(pixels.subarray(line * nth), line, 0, rows);
      const output = to + 3 * width * (firstRow + nth);
      kernel.resampleRows(block, stride, output, rows, width, starts, counts, coefficients, taps.width);
    }
  });
}

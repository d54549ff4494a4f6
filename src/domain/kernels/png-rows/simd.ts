import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate, type WasmKernel } from '../../wasm/wasm-kernel.ts';
import { type PngRows, wrongFilterType } from './contract.ts';

interface Exports extends WasmKernel {
  unfilter(from: number, stride: number, to: number, rows: number, length: number): number;
  filter(from: number, to: number, rows: number, length: number, work: number): void;
}

/** What the filter's tries take of a row each, beyond its length. */
const TRY_ROOM = 16;

/** {@link PngRows} by `assembly/png-rows`. Its memory grows to twice the largest block, and stays. */
export function simdRows(module: WebAssembly.Module): PngRows {
  const kernel = instantiate<Exports>(module);
  const heap = new WasmHeap(kernel);
  return {
    unfilter: (block, length, above) =>
      heap.during(() => {
        const stride = 1 + length;
        const rows = block.length / stride;
        const used = above.length;
        const from = heap.put(block);
        const to = heap.take(used + rows * used) + used;
        const memory = heap.bytes();
        memory.set(above, to - used);
        const wrong = kernel.unfilter(from, stride, to, rows, used);
        if (wrong !== -1) throw wrongFilterType(block[wrong * stride]);
        return memory.subarray(to, to + rows * used);
      }),

    filter: (pixels, length) =>
      heap.during(() => {
        const rows = pixels.length / length;
        const to = heap.take(rows * (1 + length));
        const from = heap.take(length + pixels.length) + length;
        const work = heap.take(3 * (length + TRY_ROOM));
        const memory = heap.bytes();
        memory.fill(0, from - length, from);
        memory.set(pixels, from);
        kernel.filter(from, to, rows, length, work);
        return memory.subarray(to, to + rows * (1 + length));
      }),
  };
}

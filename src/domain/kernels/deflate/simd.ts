import { WasmHeap } from '../../wasm/wasm-heap.ts';
import { instantiate, type WasmKernel } from '../../wasm/wasm-kernel.ts';
import type { Deflate } from './contract.ts';

interface Exports extends WasmKernel {
  workBytes(): number;
  mostBytes(length: number): number;
  deflate(from: number, length: number, to: number, work: number): number;
}

/** {@link Deflate} by `assembly/deflate`. Its memory grows to 2.5 times the input, and stays. */
export function simdDeflate(module: WebAssembly.Module): Deflate {
  const kernel = instantiate<Exports>(module);
  const heap = new WasmHeap(kernel);
  return (bytes) =>
    heap.during(() => {
      const work = heap.take(kernel.workBytes());
      const from = heap.put(bytes);
      const to = heap.take(kernel.mostBytes(bytes.length));
      return heap.bytes().subarray(to, to + kernel.deflate(from, bytes.length, to, work));
    });
}

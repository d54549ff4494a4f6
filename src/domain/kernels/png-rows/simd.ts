import { type PngRows, wrongFilterType } from './contract.ts';

interface Exports {
  readonly memory: WebAssembly.Memory;
  heapBase(): number;
  unfilter(from: number, to: number, rows: number, length: number): number;
  filter(from: number, to: number, rows: number, length: number, work: number): void;
}

const PAGE = 64 * 1024;
/** Kernels read and write a little beyond their rows. */
const ROOM = 32;

/** {@link PngRows} by `assembly/png-rows.ts`. Its memory grows to twice the largest block, and stays. */
export class SimdRows implements PngRows {
  readonly #exports: Exports;

  constructor(module: WebAssembly.Module) {
    const instance = new WebAssembly.Instance(module, { env: { abort: () => {} } });
    this.#exports = instance.exports as unknown as Exports;
  }

  unfilter(block: Uint8Array, length: number, above: Uint8Array): Uint8Array {
    const rows = block.length / (1 + length);
    const from = this.#exports.heapBase() + ROOM;
    const to = from + block.length + ROOM + length;
    const memory = this.#grown(to + rows * length + ROOM);
    memory.set(block, from);
    memory.set(above, to - length);
    const wrong = this.#exports.unfilter(from, to, rows, length);
    if (wrong !== -1) throw wrongFilterType(block[wrong * (1 + length)]);
    return memory.subarray(to, to + rows * length);
  }

  filter(pixels: Uint8Array, length: number): Uint8Array {
    const rows = pixels.length / length;
    const above = this.#exports.heapBase() + ROOM;
    const from = above + length;
    const to = from + pixels.length + ROOM;
    const work = to + rows * (1 + length) + ROOM;
    const memory = this.#grown(work + 3 * (length + ROOM));
    memory.fill(0, above, from);
    memory.set(pixels, from);
    this.#exports.filter(from, to, rows, length, work);
    return memory.subarray(to, to + rows * (1 + length));
  }

  #grown(bytes: number): Uint8Array {
    const { memory } = this.#exports;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return new Uint8Array(memory.buffer);
  }
}

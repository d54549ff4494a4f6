import type { WasmHeap } from '../../wasm/wasm-heap.ts';

/** Part of a row, `to` exclusive, of pixels blended into their blur; the row's first one would be at `at`. */
export interface WaitingPiece {
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** They are kept in blocks of so many bytes, or of a row where that is longer. */
const BLOCK_BYTES = 4 * 1024 ** 2;

/** What cannot become bytes before the medians are known. */
export class WaitingSamples {
  readonly pieces: WaitingPiece[] = [];
  readonly #heap: WasmHeap;
  #next = 0;
  #end = 0;

  constructor(heap: WasmHeap) {
    this.#heap = heap;
  }

  /** Pixels `from` to `to` (exclusive) of a row of RGB floats at `row`, and those of the same groups of four. */
  put(y: number, from: number, to: number, row: number): void {
    if (from >= to) return;
    const first = 12 * (from - (from % 4));
    const bytes = 12 * 4 * Math.ceil(to / 4) - first;
    if (this.#next + bytes > this.#end) {
      const size = Math.max(BLOCK_BYTES, bytes);
      this.#next = this.#heap.take(size);
      this.#end = this.#next + size;
    }
    this.#heap.bytes().copyWithin(this.#next, row + first, row + first + bytes);
    this.pieces.push({ y, from, to, at: this.#next - first });
    this.#next += bytes;
  }
}

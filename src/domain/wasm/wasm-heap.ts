import type { WasmKernel } from './wasm-kernel.ts';

const PAGE = 64 * 1024;
/** Bytes kept free behind each piece: kernels read and write a little beyond what they are given. */
const ROOM = 128;

type Numbers = Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A kernel's memory as its host lays it out: taken piece by piece, given back all at once. */
export class WasmHeap {
  readonly #memory: WebAssembly.Memory;
  #top: number;

  constructor(exports: WasmKernel) {
    this.#memory = exports.memory;
    this.#top = exports.heapBase();
  }

  /** Address of so many bytes, of whatever content; a multiple of 16. */
  take(bytes: number): number {
    const at = Math.ceil(this.#top / 16) * 16;
    this.#top = at + bytes + ROOM;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  /** Address of a copy. */
  put(data: Numbers): number {
    const at = this.take(data.byteLength);
    this.bytes().set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at;
  }

  /** Everything taken since `work` began is given back. */
  during<Result>(work: () => Result): Result {
    const top = this.#top;
    try {
      return work();
    } finally {
      this.#top = top;
    }
  }

  // Views end where the memory was when they were made: they are not kept.
  bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  words(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length);
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }
}

import { WasmHeap } from '../../wasm/wasm-heap.ts';
import type { WasmKernel } from '../../wasm/wasm-kernel.ts';
import { type Steps, WrongStreamError } from './contract.ts';

export interface InflateExports extends WasmKernel {
  begin(to: number, isChecked: boolean): void;
  inflate(from: number, end: number, isWhole: number, limit: number): number;
  inputAt(): number;
  outputAt(): number;
  slide(from: number, to: number): void;
  unfilter(from: number, stride: number, to: number, rows: number, length: number): number;
}

/** Compressed bytes that lie in the kernel's memory; up to `LEFT_BYTES` of them are looked at again. */
const INPUT_BYTES = 64 * 1024;
const LEFT_BYTES = 700;
/** Bytes that a match may reach back, and those that are written beyond the limit. */
const HISTORY_BYTES = 32 * 1024;
export const BEYOND_BYTES = 320;

/** Answers of the kernel, `assembly/inflate/stream.ts`. */
const END = 0;
const WANTS_INPUT = 1;
const IS_FULL = 2;
/** From 3 on, in zlib's words. */
const FAULTS = [
  'incorrect header check',
  'unknown compression method',
  'invalid window size',
  'missing dictionary',
  'invalid block type',
  'invalid stored block lengths',
  'too many length or distance symbols',
  'invalid code lengths set',
  'invalid bit length repeat',
  'invalid code -- missing end-of-block',
  'invalid literal/lengths set',
  'invalid distances set',
  'invalid literal/length code',
  'invalid distance code',
  'invalid distance too far back',
  'incorrect data check',
  'unexpected end of file',
] as const;

/**
 * Hears that bytes lie from one address to another, and answers up to which it has done with them; undefined: no more is
 * wanted. What it leaves comes again, with more behind it.
 */
type OnOutput = (from: number, to: number) => number | undefined;

/** An instance of the kernel: a stream at a time, in a window of memory that output slides through. */
export class Inflater {
  readonly kernel: InflateExports;
  #heap: WasmHeap;
  #input = 0;
  #from = 0;
  #end = 0;
  #window = 0;
  #limit = 0;
  #rest = 0;
  #onOutput: OnOutput = (_, to) => to;
  #isOver = false;

  constructor(kernel: InflateExports) {
    this.kernel = kernel;
    this.#heap = new WasmHeap(kernel);
  }

  get memoryBytes(): number {
    return this.kernel.memory.buffer.byteLength;
  }

  /**
   * A new stream.
   *
   * @param block bytes of output between two calls of `onOutput`, about
   * @param most bytes that `onOutput` may leave
   * @param isChecked must the stream's check sum be right?
   * @returns where memory of the caller's own is taken from
   */
  begin(block: number, most: number, onOutput: OnOutput, isChecked = true): WasmHeap {
    this.#heap = new WasmHeap(this.kernel);
    this.#input = this.#heap.take(INPUT_BYTES);
    this.#from = this.#input;
    this.#end = this.#input;
    const room = Math.max(HISTORY_BYTES, most) + block;
    this.#window = this.#heap.take(room + BEYOND_BYTES);
    this.#limit = this.#window + room;
    this.#rest = this.#window;
    this.#onOutput = onOutput;
    this.#isOver = false;
    this.kernel.begin(this.#window, isChecked);
    return this.#heap;
  }

  get bytes(): Uint8Array {
    return this.#heap.bytes();
  }

  /** False: no more is wanted. */
  *take(compressed: Uint8Array): Steps {
    for (let at = 0; at < compressed.length && !this.#isOver; ) {
      const step = Math.min(compressed.length - at, this.#input + INPUT_BYTES - this.#end);
      this.#heap.bytes().set(compressed.subarray(at, at + step), this.#end);
      this.#end += step;
      at += step;
      // Small pieces are gathered: each call ends with some symbols that are read slowly.
      if (this.#end === this.#input + INPUT_BYTES && !(yield* this.#goOn(false))) return false;
    }
    return true;
  }

  *finish(): Steps {
    return this.#isOver || (yield* this.#goOn(true));
  }

  *#goOn(isWhole: boolean): Steps {
    for (;;) {
      const answer = this.kernel.inflate(this.#from, this.#end, isWhole ? 1 : 0, this.#limit);
      this.#from = this.kernel.inputAt();
      if (answer === WANTS_INPUT) {
        this.#moveInput();
        return true;
      }
      this.#isOver = answer !== IS_FULL;
      const to = this.kernel.outputAt();
      const rest = to > this.#rest ? this.#onOutput(this.#rest, to) : to;
      if (rest === undefined) {
        this.#isOver = true;
        return false;
      }
      if (answer === END) return true;
      if (answer !== IS_FULL) throw new WrongStreamError(FAULTS[answer - IS_FULL - 1] ?? 'wrong stream');
      const start = Math.max(this.#window, Math.min(rest, to - HISTORY_BYTES));
      this.kernel.slide(start, this.#window);
      this.#rest = this.#window + rest - start;
      yield;
    }
  }

  /** What is left of the input goes to the front. */
  #moveInput(): void {
    const left = this.#end - this.#from;
    if (left > LEFT_BYTES)
      throw new Error(`inflate: expected at most ${LEFT_BYTES} bytes left over, got ${left}`);
    this.#heap.bytes().copyWithin(this.#input, this.#from, this.#end);
    this.#from = this.#input;
    this.#end = this.#input + left;
  }
}

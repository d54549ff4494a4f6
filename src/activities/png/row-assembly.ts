import type { OnRows } from '../../domain/kernels/inflate/contract.ts';
import type { PngRows } from '../../domain/kernels/png-rows/contract.ts';
import type { PngHeader } from '../../domain/png/png-header.ts';
import { joined } from './idat.ts';
import { UndecodablePngError } from './undecodable-png.ts';

const CHANNELS = 3;

/** What is wanted of a picture: rows from `top` to before `bottom`, of each the columns left of `right`. */
export interface PartWanted {
  readonly top: number;
  readonly bottom: number;
  readonly right: number;
}

export function allWanted({ width, height }: PngHeader): PartWanted {
  return { top: 0, bottom: height, right: width };
}

/** Cuts what zlib inflates into whole rows. Rows above those that are wanted are handed on too. */
export class RowAssembly {
  readonly stride: number;
  readonly #height: number;
  readonly #kernel: PngRows;
  readonly #onRows: OnRows;
  #above: Uint8Array;
  #rest: Uint8Array = new Uint8Array(0);
  #row = 0;

  constructor({ width, height }: PngHeader, { right }: PartWanted, kernel: PngRows, onRows: OnRows) {
    this.stride = 1 + width * CHANNELS;
    this.#height = height;
    this.#kernel = kernel;
    this.#onRows = onRows;
    this.#above = new Uint8Array(right * CHANNELS);
  }

  /** False: no more is wanted. */
  take(inflated: Uint8Array): boolean {
    const bytes = this.#rest.length === 0 ? inflated : joined([this.#rest, inflated]);
    const rows = Math.floor(bytes.length / this.stride);
    const whole = rows * this.stride;
    if (this.#row + rows > this.#height || (this.#row + rows === this.#height && bytes.length > whole)) {
      throw new UndecodablePngError(`expected ${this.#height} rows of pixels, got more`);
    }
    // The block may be overwritten by the next one.
    this.#rest = bytes.length === whole ? new Uint8Array(0) : bytes.slice(whole);
    if (rows === 0) return true;
    const length = this.stride - 1;
    const pixels = this.#kernel.unfilter(bytes.subarray(0, whole), length, this.#above);
    this.#above = pixels.slice(-this.#above.length);
    const first = this.#row;
    this.#row += rows;
    return this.#onRows(pixels, first);
  }

  finish(): void {
    if (this.#row === this.#height && this.#rest.length === 0) return;
    throw new UndecodablePngError(`expected ${this.#height} rows of pixels, got ${this.#row}`);
  }
}

import type { WasmKernel } from '../../wasm/wasm-kernel.ts';

/** What `assembly/pad-and-blend` exports. */
export interface PadKernel extends WasmKernel {
  cutTile(from: number, stride: number, index: number, rows: number, to: number): void;
  fillDown(tile: number, rows: number, to: number): void;
  scatterDown(from: number, strips: number, rows: number, to: number, stride: number): void;
  fillAcross(rows: number, channel: number, index: number, length: number, to: number): void;
  scatterAcross(from: number, count: number, rows: number, channel: number, first: number): void;
  filterStrip(
    strip: number,
    from: number,
    to: number,
    radius: number,
    terms: number,
    count: number,
    work: number,
    output: number,
  ): void;
  mirror(row: number, index: number, width: number): void;
  spreadBytes(from: number, index: number, width: number, to: number): void;
  blendBlur(
    pixels: number,
    blurred: number,
    columns: number,
    row: number,
    length: number,
    to: number,
    bins: number,
  ): void;
  collectNear(
    samples: number,
    groups: number,
    place: number,
    lows: number,
    highs: number,
    below: number,
    lists: number,
  ): void;
  blendMedian(
    pixels: number,
    columns: number,
    row: number,
    medians: number,
    length: number,
    to: number,
    doubt: number,
    doubtful: number,
  ): number;
  beginExact(
    picture: number,
    width: number,
    rowIndex: number,
    columnIndex: number,
    weights: number,
    radius: number,
    work: number,
  ): void;
  exactBlur(x: number, y: number, channel: number): number;
}

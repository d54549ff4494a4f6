import type { WasmKernel } from '../../../wasm/wasm-kernel.ts';

/** Rows between two nodes, to the sums of the four nodes about them. */
type SumRows = (
  from: number,
  stride: number,
  index: number,
  count: number,
  weights: number,
  samples: number,
  to: number,
  next: number,
) => void;

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
  readonly sumBytes: SumRows;
  sumAcross(
    from: number,
    index: number,
    cells: number,
    groups: number,
    weights: number,
    line: number,
    to: number,
  ): void;
  readonly sumFloats: SumRows;
  filterNodes(
    from: number,
    stride: number,
    count: number,
    samples: number,
    weights: number,
    reach: number,
    middle: number,
    to: number,
    next: number,
  ): void;
  filterDoubles(
    from: number,
    stride: number,
    count: number,
    samples: number,
    weights: number,
    reach: number,
    to: number,
  ): void;
  fillFloats(from: number, stride: number, index: number, rows: number, to: number): void;
  missing(own: number, rows: number, next: number, weights: number, count: number, to: number): void;
  blurredRow(
    rows: number,
    next: number,
    weights: number,
    missed: number,
    shares: number,
    groups: number,
    from: number,
    to: number,
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
  blendExactly(places: number, count: number, line: number, columns: number, rows: number, to: number): void;
}

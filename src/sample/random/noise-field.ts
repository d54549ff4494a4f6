import { hash32 } from './random.ts';

/** Side of the table of grid values; beyond it they repeat. A power of two. */
const TABLE = 64;

/** Smooth random values of 0 to 1 on a grid of `cell` pixels. */
export class NoiseField {
  readonly #cell: number;
  readonly #table = new Float32Array(TABLE * TABLE);

  /** `cell`: pixels between two grid points. */
  constructor(seed: number, cell: number) {
    this.#cell = cell;
    for (let i = 0; i < this.#table.length; i++) this.#table[i] = hash32(i, seed) / 2 ** 32;
  }

  /** Adds `gain * (value - 0.5)` to each pixel of a row. */
  addRow(y: number, gain: number, row: Float32Array): void {
    const v = y / this.#cell;
    const cellY = Math.floor(v);
    const fade = smooth(v - cellY);
    for (let cellX = 0; cellX * this.#cell < row.length; cellX++) {
      const left = this.#column(cellX, cellY, fade);
      const step = this.#column(cellX + 1, cellY, fade) - left;
      const start = Math.ceil(cellX * this.#cell);
      const end = Math.min(row.length, Math.ceil((cellX + 1) * this.#cell));
      for (let x = start; x < end; x++) {
        const value = left + step * smooth(x / this.#cell - cellX);
        row[x] = (row[x] ?? 0) + gain * (value - 0.5);
      }
    }
  }

  /** The value at a point given in cells. */
  at(u: number, v: number): number {
    const [cellX, cellY] = [Math.floor(u), Math.floor(v)];
    const fade = smooth(v - cellY);
    const left = this.#column(cellX, cellY, fade);
    return left + (this.#column(cellX + 1, cellY, fade) - left) * smooth(u - cellX);
  }

  #column(cellX: number, cellY: number, fade: number): number {
    const column = cellX & (TABLE - 1);
    const above = this.#table[(cellY & (TABLE - 1)) * TABLE + column] ?? 0;
    const below = this.#table[((cellY + 1) & (TABLE - 1)) * TABLE + column] ?? 0;
    return above + (below - above) * fade;
  }
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

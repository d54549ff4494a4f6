import { quoted } from '../quoting/quoted.ts';

/**
 * The one typesetter of tables.
 * @param cells Quoted here so that the columns stay aligned; a row may be shorter than the others.
 * @param figures On which side the columns after the first are flush. The first is always flush left.
 * @returns A line per row: columns as wide as their widest cell, two spaces apart; the last one is filled up, too.
 */
export function table(cells: readonly (readonly string[])[], figures: 'left' | 'right' = 'left'): string[] {
  const rows = cells.map((row) => row.map(quoted));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  const filled = (cell: string, column: number) => {
    const space = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
    return figures === 'right' && column > 0 ? space + cell : cell + space;
  };
  return rows.map((row) => row.map(filled).join('  '));
}

/** In characters, as Python counts them. */
function widthOf(cell: string): number {
  return [...cell].length;
}

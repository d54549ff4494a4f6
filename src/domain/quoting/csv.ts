/**
 * CSV (RFC 4180) that stays a table of texts wherever it is opened: fields in quotes, one record a line whatever the texts
 * hold, controls and bidi controls written out as {@link quoted} has them, and nothing that a spreadsheet would compute.
 */

import { quoted } from './quoted.ts';

/**
 * Where a cell begins with what spreadsheets take for a formula: at the beginning, behind spaces too, and behind a semicolon,
 * which separates cells where commas are for decimals. The wide forms count as the narrow ones do.
 */
const FORMULA = /(^|;)([\s']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** One line with its end. A text that would be a formula has a `'` before it; numbers are ours and stay. */
export function csvLine(fields: readonly (string | number)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`;
}

function csvField(field: string | number): string {
  if (typeof field === 'number') return String(field);
  return `"${quoted(field).replace(FORMULA, "$1'$2").replaceAll('"', '""')}"`;
}

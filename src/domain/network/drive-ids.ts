import { printable } from '../failure/printable.ts';
import { parsedJson } from '../parsed-json.ts';
import { type DriveFile, driveFileOf, isDriveId } from './drive-file.ts';

/** By a file's own Drive id, or by its `file_path`: the copy of it that is asked for instead. */
export type DriveIds = ReadonlyMap<string, DriveFile>;

/** Of the largest list: each of 210,000 files by a long path and a link. */
export const MOST_DRIVE_IDS_BYTES = 64 * 1024 ** 2;
const MOST_ENTRIES = 1_000_000;
const MOST_LINE = 2_000;

/**
 * Reads the list of `--drive-ids`: a JSON object `{ "ID or file_path": "own ID or link" }`, or lines with both, parted by a
 * tab, a comma or a semicolon. Empty lines and those that begin with `#` are let be. Takes time by the text's length.
 *
 * @returns the list, or why it is none: "expected ..., got ..."
 */
export function parseDriveIds(text: string): { readonly ids: DriveIds } | { readonly problem: string } {
  const body = text.replace(/^\ufeff/, '');
  return /^\s*\{/.test(body.slice(0, 1_000)) ? readObject(body) : readLines(body);
}

function readObject(text: string): ReturnType<typeof parseDriveIds> {
  const value = parsedJson(text);
  if (typeof value !== 'object' || value === null)
    return { problem: 'expected JSON, got a text that is none' };
  const entries = Object.entries(value);
  if (entries.length > MOST_ENTRIES) return tooMany;
  const ids = new Map<string, DriveFile>();
  for (const [key, own] of entries) {
    const file = typeof own === 'string' ? fileOf(own) : undefined;
    if (file === undefined) return { problem: `expected a Drive id or link, got none for ${shown(key)}` };
    ids.set(key, file);
  }
  return someOf(ids);
}

function readLines(text: string): ReturnType<typeof parseDriveIds> {
  const ids = new Map<string, DriveFile>();
  for (let at = 0, nth = 1; at < text.length; nth++) {
    const found = text.indexOf('\n', at);
    const end = found === -1 ? text.length : found;
    if (end - at > MOST_LINE)
      return { problem: `expected at most ${MOST_LINE} characters in line ${nth}, got ${end - at}` };
    const line = text.slice(at, end).trim();
    at = end + 1;
    if (line === '' || line.startsWith('#')) continue;
    const fields = line.split(/[\t,;]/).map(unquoted);
    const [key = '', own = ''] = fields;
    const file = fields.length === 2 && key !== '' ? fileOf(own) : undefined;
    if (file === undefined)
      return { problem: `expected an id or path and a Drive id or link in line ${nth}, got ${shown(line)}` };
    if (ids.size === MOST_ENTRIES) return tooMany;
    ids.set(key, file);
  }
  return someOf(ids);
}

const tooMany = { problem: `expected at most ${MOST_ENTRIES} entries, got more` };

function someOf(ids: DriveIds): ReturnType<typeof parseDriveIds> {
  return ids.size === 0 ? { problem: 'expected entries, got none' } : { ids };
}

function fileOf(own: string): DriveFile | undefined {
  if (isDriveId(own)) return { id: own };
  return own.length <= MOST_LINE && URL.canParse(own) ? driveFileOf(new URL(own)) : undefined;
}

function unquoted(field: string): string {
  const text = field.trim();
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function shown(text: string): string {
  return printable(text, 60);
}

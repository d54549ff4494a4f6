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
 * tab, a comma or a semicolon. Empty lines and those that begin with `#` are let be. Takes time and memory by the text's length.
 *
 * @returns the list, or why it is none: "expected ..., got ..."; repeats nothing, for it may be another file that was named
 * by mistake, with cookies or a key in it
 */
export function parseDriveIds(text: string): { readonly ids: DriveIds } | { readonly problem: string } {
  const body = text.replace(/^\ufeff/, '');
  return /^\s*\{/.test(body.slice(0, 1_000)) ? readObject(body) : readLines(body);
}

/** Pair by pair: what else JSON may hold would take a hundred times its length in memory. */
function readObject(text: string): ReturnType<typeof parseDriveIds> {
  const ids = new Map<string, DriveFile>();
  let at = afterSpace(text, afterSpace(text, 0) + 1);
  if (text[at] !== '}') {
    for (let nth = 1; ; nth++) {
      const key = stringAt(text, at);
      const colon = key && afterSpace(text, key.end);
      if (key === undefined || colon === undefined || text[colon] !== ':') return noJson;
      const valueAt = afterSpace(text, colon + 1);
      const value = stringAt(text, valueAt);
      const file = value && fileOf(value.text);
      if (file === undefined && valueAt === text.length) return noJson;
      if (value === undefined || file === undefined)
        return { problem: `expected a Drive id or link in entry ${nth}, got something else` };
      if (ids.size === MOST_ENTRIES) return tooMany;
      ids.set(key.text, file);
      at = afterSpace(text, value.end);
      if (text[at] !== ',') break;
      at = afterSpace(text, at + 1);
    }
  }
  return text[at] === '}' && afterSpace(text, at + 1) === text.length ? someOf(ids) : noJson;
}

const noJson = { problem: 'expected a JSON object, got a text that is none' };

/** A string of JSON of at most {@link MOST_LINE} characters, and where the text goes on behind it. */
function stringAt(text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  const string = /"(?:[^"\\]|\\.){0,2000}"/y;
  string.lastIndex = at;
  const [found] = string.exec(text) ?? [];
  const value = found === undefined ? undefined : parsedJson(found);
  return typeof value === 'string' ? { text: value, end: string.lastIndex } : undefined;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++;
  return at;
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
    if (file === undefined) {
      const [, second = ''] = fields;
      const got =
        second === '' ? '1 column' : fields.length === 2 ? 'something else' : `${fields.length} columns`;
      return { problem: `expected an id or path and a Drive id or link in line ${nth}, got ${got}` };
    }
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

/** Branded ids of the dataset and their only parsers. */

declare const brand: unique symbol;
type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };

/** Key of a record in `ffhq-dataset-v2.json`: an integer, 0..69999 in the official set. */
export type ImageId = Brand<number, 'ImageId'>;

/** 32 lower-case hexadecimal digits. */
export type Md5 = Brand<string, 'Md5'>;

/** Name of a thousand-folder: five digits, a multiple of 1000 (`00000`, `01000`, ...). */
export type Folder = Brand<string, 'Folder'>;

/** FFHQ's own folder size: `file_path`s are grouped by `id - id % 1000`. */
export const SHARD_SIZE = 1000;

/** Ids are printed with five digits; more than that has no folder in FFHQ's layout. */
export const MAX_IMAGE_ID = 99_999;

export function parseImageId(text: string): ImageId | undefined {
  if (!/^(0|[1-9][0-9]{0,4})$/.test(text)) return undefined;
  return Number(text) as ImageId;
}

export function parseMd5(value: unknown): Md5 | undefined {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? (value as Md5) : undefined;
}

/** `42` -> `00042`, as in FFHQ's file names. */
export function formatImageId(id: ImageId): string {
  return String(id).padStart(5, '0');
}

export function folderOf(id: ImageId): Folder {
  return String(id - (id % SHARD_SIZE)).padStart(5, '0') as Folder;
}

/** Consecutive ids as ranges: `[42, 43, 44, 80]` -> `42-44,80`. Ids must ascend. */
export function formatIds(ids: readonly ImageId[]): string {
  const parts: string[] = [];
  for (let from = 0; from < ids.length; ) {
    let to = from;
    while (to + 1 < ids.length && ids[to + 1] === (ids[to] as number) + 1) to++;
    parts.push(from === to ? `${ids[from]}` : `${ids[from]}-${ids[to]}`);
    from = to + 1;
  }
  return parts.join(',');
}

/** The inverse of {@link formatIds}; `''` is no ids. Throws a RangeError that names the part at fault. */
export function parseIds(text: string): ImageId[] {
  const ids: ImageId[] = [];
  if (text === '') return ids;
  for (const part of text.split(',')) {
    const range = rangeOf(part);
    if (range === undefined || range.from <= (ids.at(-1) ?? -1)) throw noIds(part, text);
    for (let id: number = range.from; id <= range.to; id++) ids.push(id as ImageId);
  }
  return ids;
}

/** The same of ids and ranges in any order, of which some may overlap. Takes time by their number, and not by what they hold. */
export function parseUnorderedIds(parts: readonly string[]): ImageId[] {
  // By how many more ranges hold an id than hold the one before it.
  const steps = new Int32Array(MAX_IMAGE_ID + 2);
  for (const part of parts) {
    const range = rangeOf(part);
    if (range === undefined) throw noIds(part, part);
    steps[range.from] = (steps[range.from] ?? 0) + 1;
    steps[range.to + 1] = (steps[range.to + 1] ?? 0) - 1;
  }
  const ids: ImageId[] = [];
  let depth = 0;
  for (let id = 0; id <= MAX_IMAGE_ID; id++) {
    depth += steps[id] ?? 0;
    if (depth > 0) ids.push(id as ImageId);
  }
  return ids;
}

/** An id is a range of one. */
function rangeOf(part: string): { readonly from: ImageId; readonly to: ImageId } | undefined {
  const [first = '', last = first, ...more] = part.split('-', 3);
  const [from, to] = [parseImageId(first), parseImageId(last)];
  if (more.length > 0 || from === undefined || to === undefined || to < from) return undefined;
  return { from, to };
}

function noIds(part: string, text: string): RangeError {
  return new RangeError(
    `ids [part=${part}]: expected ascending ids or ranges such as 0-999,5000, got ${text}`,
  );
}

/** The same of pictures' keys, in any order, each once. */
export function idsOfKeys(keys: readonly string[]): string {
  return formatIds([...new Set(keys.map(Number))].sort((a, b) => a - b) as ImageId[]);
}

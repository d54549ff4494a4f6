import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { formatIds, parseIds, parseUnorderedIds } from '../../../domain/dataset/ids.ts';
import { refused } from '../../../domain/failure/command-failure.ts';
import { parsedJson } from '../../../domain/parsed-json.ts';
import { isFileThere, linesOf, readNamedFile } from '../values/named-file.ts';
import type { Folders } from '../values/out-folder.ts';

export function addIdsFlag(command: Command): Command {
  return command.option('--ids <ranges|file>', 'only these records, such as 0-999,5000, or a file of them');
}

/** As ranges; a list on the command line must ascend, one in a file need not. */
export function readIds(values: OptionValues, folders: Folders): string | undefined {
  if (typeof values.ids !== 'string') return undefined;
  const path = resolve(folders.given, values.ids);
  const isFile = !/^[\d\s,-]*$/.test(values.ids) && isFileThere(path);
  try {
    const ids = isFile ? idsIn(readNamedFile('--ids', path)) : ranges(values.ids.replaceAll(' ', ''));
    if (ids !== '') return ids;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Of a file that was named by mistake, with secrets in it, nothing is repeated.
    const problem = isFile
      ? `${path}: expected ids or ranges such as 0-999,5000, got something else`
      : shortened(error.message);
    throw refused(`flag [--ids]: ${problem}`);
  }
  throw refused(
    `flag [--ids]: expected ids or ranges such as 0-999,5000, got ${isFile ? `none in ${path}` : 'nothing'}`,
  );
}

function ranges(text: string): string {
  return formatIds(parseIds(text));
}

/** Ids and ranges, apart by commas, spaces or lines; or the JSON of `selection.json`, whose `ids` is that. */
function idsIn(text: string): string {
  const json = /^\s*\{/.test(text) ? parsedJson(text) : undefined;
  const listed: unknown = json !== null && typeof json === 'object' ? Reflect.get(json, 'ids') : undefined;
  const words = typeof listed === 'string' ? [listed] : linesOf(text);
  const parts = words.flatMap((word) => word.split(/[\s,]+/)).filter((part) => part !== '');
  return formatIds(parseUnorderedIds(parts));
}

/** A long list is not repeated. */
function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}

import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { fileFault } from '../../domain/failure/file-system-fault.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { atFile } from '../folders/held-folder.ts';
import { isMisleading, MOST_MARK_BYTES, readText } from '../folders/real-file.ts';

/** The id that a dataset folder has on the disk; who may make one, or mend it, is `store/store-identity.ts`. */
export async function storeIdIn(storePath: string): Promise<string | undefined> {
  return (
    (await idIn(join(storePath, statePaths.store))) ?? (await idIn(join(storePath, statePaths.storeTwin)))
  );
}

async function idIn(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await atFile(path, (file) => readText(file, MOST_MARK_BYTES));
  } catch (error) {
    const isNone = ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '') || isMisleading(error);
    if (!isNone && fileFault(error) !== 'unreadable') throw error;
    return undefined;
  }
  return asStoreId((parsedJson(text) as { readonly id?: unknown } | null | undefined)?.id);
}

/** What can be the id of a folder, of anything that stands in its place. */
export function asStoreId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value) ? value : undefined;
}

import { randomBytes } from 'node:crypto';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import { atFile } from '../folders/held-folder.ts';
import { isMisleading, MOST_MARK_BYTES, openToRead, readText } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';

/** Replaces a file as a whole: other readers see the old text or the new one, after a power failure too. */
export async function writeFileAtomically(path: string, text: string): Promise<void> {
  await atFile(path, async (file) => {
    const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
    try {
      await writeNewFile(temporary, text);
      await rename(temporary, file);
    } catch (error) {
      await removeFile(temporary);
      throw error;
    }
    await syncFolder(dirname(file));
  });
}

/** Makes a file that must not be there yet; its bytes are on the disk then, its name once the folder is synced. */
export async function writeNewFile(path: string, text: string | Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Waits until the bytes of a file are on the disk. */
export async function syncFile(path: string): Promise<void> {
  const handle = await openToRead(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Parsed JSON of a mark, or undefined where there is no such file or it is not JSON (a torn write of another program). */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readSmallFile(path, MOST_MARK_BYTES);
  return text === undefined ? undefined : parsedJson(text);
}

/** The text of a file, or undefined where there is none. Throws `unsafe-folder` for what leads elsewhere, or is larger. */
export async function readSmallFile(path: string, most: number): Promise<string | undefined> {
  try {
    return await atFile(path, (file) => readText(file, most));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (isMisleading(error)) throw new StoreError('unsafe-folder', unlike(path), { cause: error });
    // What failed to read does not say of what.
    throw error instanceof Error && !('path' in error) ? Object.assign(error, { path }) : error;
  }
}

function unlike(path: string): string {
  return `store [file=${path}]: expected a file, got a symbolic link or something else; remove it`;
}

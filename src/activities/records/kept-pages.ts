import { createHash } from 'node:crypto';
import { open, readdir } from 'node:fs/promises';
import { statePaths } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { inFolder } from '../folders/held-folder.ts';
import { readText } from '../folders/real-file.ts';
import { removeFile } from '../folders/remove-file.ts';

/** So many files, whoever else keeps some there; a sketch is no larger than some KB. */
const MOST_PAGES = 20;
const MOST_BYTES = 64 * 1024;

const HEAD = `A page that came in place of a file, of no kind that this program knows. Names of tags, ids and classes, and everyday
words; all else is left out (_). It serves a bug report.

`;

/**
 * Keeps the sketch of a page of no known kind, once, in a place of its own among {@link MOST_PAGES}; answers where, relative
 * to OUT. Undefined where there is no place left, or the folder does not take it: nothing else depends on it.
 */
export async function keepPage(storePath: string, sketch: string): Promise<string | undefined> {
  const text = `${HEAD}${sketch}`.slice(0, MOST_BYTES);
  const first = createHash('sha256').update(text).digest().readUInt16BE(0);
  const places = Array.from({ length: MOST_PAGES }, (_, next) => nameOf((first + next) % MOST_PAGES));
  const keep = async (folder: string): Promise<string | undefined> => {
    for (const name of places) if (await isKeptAt(`${folder}/${name}`, text)) return name;
    return undefined;
  };
  try {
    const name = await inFolder(storePath, statePaths.pages, keep, 'made');
    return name === undefined ? undefined : `${statePaths.pages}/${name}`;
  } catch {
    return undefined;
  }
}

/** Where sketches are kept, relative to OUT. */
export async function keptPages(storePath: string): Promise<readonly string[]> {
  try {
    const names = new Set(await inFolder(storePath, statePaths.pages, (folder) => readdir(folder)));
    const places = Array.from({ length: MOST_PAGES }, (_, place) => nameOf(place));
    return places.filter((name) => names.has(name)).map((name) => `${statePaths.pages}/${name}`);
  } catch {
    return [];
  }
}

function nameOf(place: number): string {
  return `page-${String(place).padStart(2, '0')}.txt`;
}

async function isKeptAt(path: string, text: string): Promise<boolean> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'wx');
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return (await readText(path, MOST_BYTES).catch(() => '')) === text;
  }
  try {
    await handle.writeFile(text);
    return true;
  } catch (error) {
    // A full disk leaves half of it.
    await removeFile(path);
    throw error;
  } finally {
    await handle.close();
  }
}

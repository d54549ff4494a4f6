import { opendir } from 'node:fs/promises';
import { MANIFEST_FILE, STATE_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { LONGEST_WORD, type TellingWords } from '../../domain/exclusion/telling-words.ts';
import { errorCode, StoreError } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import { holdFolder } from '../folders/held-folder.ts';
import { openToRead } from '../folders/real-file.ts';

const PIECE_BYTES = 1024 ** 2;
const MOST_LEVELS = 32;

/** Texts of this folder that are dealt with on their own: the manifest, and what the purge itself goes by. */
const passedOver: ReadonlySet<string> = new Set([
  MANIFEST_FILE,
  statePaths.purgeWork,
  statePaths.exclusionLedger,
]);

/**
 * Files below a dataset folder that tell of what went, relative to it. A picture says nothing in words, but by its name: a copy
 * in a folder that somebody made is called like the one that is gone.
 */
export async function* tellingFiles(
  storePath: string,
  words: TellingWords,
  onStep: () => void,
): AsyncGenerator<string> {
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    onStep();
    try {
      const held = await holdFolder(storePath, folder);
      try {
        for await (const entry of await opendir(held.path, { bufferSize: 1024 })) {
          const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
          if (entry.isDirectory() && path.split('/').length <= MOST_LEVELS) folders.push(path);
          if (!entry.isFile() || passedOver.has(path)) continue;
          onStep();
          if (words.isIn(path)) yield path;
          else if (!isPicture(path) && (await tells(`${held.path}/${entry.name}`, words))) yield path;
        }
      } finally {
        await held.release();
      }
    } catch (error) {
      if (error instanceof StoreError) continue;
      if (!['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'].includes(errorCode(error) ?? '')) throw error;
    }
  }
}

function isPicture(path: string): boolean {
  const archives = [kinds.tfrecords.folder, kinds.zips.folder];
  if (archives.some((folder) => path.startsWith(`${folder}/`))) return true;
  return /\.(png|jpe?g|webp)$/i.test(path) && !path.startsWith(`${STATE_FOLDER}/`);
}

/** Pieces overlap, so that a word at the border of two stands in one of them. */
async function tells(path: string, words: TellingWords): Promise<boolean> {
  const file = await openToRead(path);
  try {
    let rest = '';
    for await (const piece of file.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false })) {
      const text = rest + (piece as Buffer).toString('utf8');
      if (words.isIn(text)) return true;
      rest = text.slice(-LONGEST_WORD);
    }
    return false;
  } finally {
    await file.close();
  }
}

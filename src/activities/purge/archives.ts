import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BAG_AGENT } from '../../domain/cards/bag.ts';
import { LICENSE_BESIDE, LICENSE_FILE, STATE_FOLDER } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import { atFile, inFolder } from '../folders/held-folder.ts';
import { removeTree } from '../folders/remove-tree.ts';
import { readSmallFile } from '../store/atomic-file.ts';

/** Archives in a dataset folder, whole or in part, relative to it, and its bags: each holds pictures of all records, or names them. */
export async function archivesIn(storePath: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const bag of bagsIn(storePath)) found.push(bag);
  for (const folder of [kinds.tfrecords.folder, kinds.zips.folder]) {
    for (const entry of await entriesOf(storePath, folder)) {
      if (entry.isFile() && entry.name !== LICENSE_FILE && entry.name !== LICENSE_BESIDE)
        found.push(`${folder}/${entry.name}`);
    }
  }
  return found.sort();
}

/** Removes what {@link archivesIn} found. Who is killed meanwhile finds what is left of it again. */
export async function removeArchive(storePath: string, path: string): Promise<void> {
  for (const { name } of await entriesOf(storePath, path))
    if (name !== BAG_INFO) await inFolder(storePath, path, (held) => removeTree(`${held}/${name}`));
  await atFile(join(storePath, path), removeTree);
}

/** Folders that are looked into for bags; a person may keep anything beside the dataset. */
const MOST_FOLDERS = 20_000;
const MOST_LEVELS = 16;

/** By which a bag of ours is known, until nothing else of it is left. */
const BAG_INFO = 'bag-info.txt';

/** More of a bag's description is not read. */
const MOST_INFO = 64 * 1024;

/** Bags that `ffhq metadata` made, wherever below the folder they lie. */
async function* bagsIn(storePath: string): AsyncGenerator<string> {
  const passedOver = new Set<string | undefined>([
    STATE_FOLDER,
    ...Object.values(kinds).map(({ folder }) => folder),
  ]);
  const folders = [''];
  for (let looked = 0; looked < MOST_FOLDERS; looked++) {
    const folder = folders.pop();
    if (folder === undefined) return;
    const entries = await entriesOf(storePath, folder);
    if (entries.some(({ name }) => name === BAG_INFO) && (await isOurBag(storePath, folder))) {
      yield folder;
      continue;
    }
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !passedOver.has(path) && path.split('/').length <= MOST_LEVELS)
        folders.push(path);
    }
  }
}

async function isOurBag(storePath: string, folder: string): Promise<boolean> {
  const text = await readSmallFile(join(storePath, folder, BAG_INFO), MOST_INFO).catch(() => undefined);
  return text?.includes(`Bag-Software-Agent: ${BAG_AGENT}`) === true;
}

async function entriesOf(storePath: string, folder: string) {
  try {
    return await inFolder(storePath, folder, (held) => readdir(held, { withFileTypes: true }));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
}

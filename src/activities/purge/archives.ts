import { readdir } from 'node:fs/promises';
import { cardFiles } from '../../domain/cards/sum-lines.ts';
import { LICENSE_BESIDE, LICENSE_FILE } from '../../domain/dataset/layout.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { kinds } from '../../domain/kinds.ts';
import { inFolder } from '../folders/held-folder.ts';

/** Archives in a dataset folder, whole or in part, relative to it, and its bag: each holds pictures of all records, or names them. */
export async function archivesIn(storePath: string): Promise<readonly string[]> {
  const found: string[] = [];
  const inBag = await entriesOf(storePath, cardFiles.bagit);
  if (inBag.some(({ name }) => name === 'bagit.txt')) found.push(cardFiles.bagit);
  for (const folder of [kinds.tfrecords.folder, kinds.zips.folder]) {
    for (const entry of await entriesOf(storePath, folder)) {
      if (entry.isFile() && entry.name !== LICENSE_FILE && entry.name !== LICENSE_BESIDE)
        found.push(`${folder}/${entry.name}`);
    }
  }
  return found.sort();
}

async function entriesOf(storePath: string, folder: string) {
  try {
    return await inFolder(storePath, folder, (held) => readdir(held, { withFileTypes: true }));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
}

import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { cardAfter, type FolderCard, parseFolderCard } from '../../domain/verify/folder-card.ts';
import { atFile } from '../folders/held-folder.ts';
import { readText } from '../folders/real-file.ts';
import type { Seal } from '../records/seal.ts';
import { readJsonFile, writeFileAtomically } from '../store/atomic-file.ts';
import { readStoreId } from '../store/store-identity.ts';

/** What the folder says of itself, if any run got so far; what others wrote there says nothing. */
export async function readFolderCard(storePath: string, seal: Seal): Promise<FolderCard | undefined> {
  const path = join(storePath, statePaths.currentManifest);
  // Refuses what leads elsewhere, and knows what lies on a bad sector.
  if ((await readJsonFile(path)) === undefined) return undefined;
  const said = seal.open(await purposeOf(storePath), (await atFile(path, readText)).trimEnd());
  return said === undefined ? undefined : parseFolderCard(JSON.parse(said));
}

/** What somebody else's run, or one of a version before, says of the folder: to be shown, not to be done. */
export async function readForeignCard(storePath: string): Promise<FolderCard | undefined> {
  return parseFolderCard(await readJsonFile(join(storePath, statePaths.currentManifest)));
}

/** Before the first file of a run: a folder must not hold what its card does not explain. */
export async function writeFolderCard(
  storePath: string,
  md5: string,
  request: RunRequest,
  seal: Seal,
): Promise<void> {
  const card = cardAfter(await readFolderCard(storePath, seal), md5, request);
  const text = seal.close(await purposeOf(storePath), JSON.stringify(card));
  await writeFileAtomically(join(storePath, statePaths.currentManifest), `${text}\n`);
}

/** A card serves for no other folder. */
async function purposeOf(storePath: string): Promise<string> {
  return `card ${(await readStoreId(storePath)) ?? ''}`;
}

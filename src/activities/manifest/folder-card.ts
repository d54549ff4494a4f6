import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { cardAfter, type FolderCard, parseFolderCard } from '../../domain/verify/folder-card.ts';
import { readJsonFile, writeFileAtomically } from '../store/atomic-file.ts';

/** What the folder says of itself, if any run got so far. */
export async function readFolderCard(storePath: string): Promise<FolderCard | undefined> {
  return parseFolderCard(await readJsonFile(join(storePath, statePaths.currentManifest)));
}

/** Before the first file of a run: a folder must not hold what its card does not explain. */
export async function writeFolderCard(storePath: string, md5: string, request: RunRequest): Promise<void> {
  const card = cardAfter(await readFolderCard(storePath), md5, request);
  await writeFileAtomically(join(storePath, statePaths.currentManifest), `${JSON.stringify(card)}\n`);
}

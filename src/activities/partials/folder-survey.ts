import { readdir } from 'node:fs/promises';
import { parsePartialName, partialKeys } from '../../domain/dataset/partial-name.ts';
import { findSafeFolder, folderName } from '../store/safe-folder.ts';

/** Names in a folder, and among them the partial files. */
export interface FolderSurvey {
  readonly names: ReadonlySet<string>;
  /** By what they say their target is: ask {@link partialsOf}. */
  readonly partials: ReadonlyMap<string, readonly string[]>;
}

/** One listing per bundle, in place of several looks per file. */
export async function surveyFolder(folder: string): Promise<FolderSurvey> {
  const names = new Set(await readdir(folder));
  const partials = new Map<string, string[]>();
  for (const name of names) {
    const partial = parsePartialName(name);
    if (partial === undefined) continue;
    const known = partials.get(partial.target);
    if (known) known.push(name);
    else partials.set(partial.target, [name]);
  }
  return { names, partials };
}

/** The names of a target's partial files. */
export function partialsOf({ partials }: Pick<FolderSurvey, 'partials'>, target: string): readonly string[] {
  if (partials.size === 0) return [];
  return partialKeys(target).flatMap((key) => partials.get(key) ?? []);
}

export interface ListedFolder extends FolderSurvey {
  /** Absolute. */
  readonly path: string;
}

/** By their path relative to OUT: the folders of these files. One listing of each spares a look for what is not there. */
export async function listFolders(
  storePath: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, ListedFolder | undefined>> {
  const listed = new Map<string, ListedFolder | undefined>();
  for (const file of files) {
    const relative = folderName(file);
    if (listed.has(relative)) continue;
    const path = await findSafeFolder(storePath, relative);
    listed.set(relative, path === undefined ? undefined : { path, ...(await surveyFolder(path)) });
  }
  return listed;
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parsePartialName, partialKeys } from '../../domain/dataset/partial-name.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import { type HeldFolder, inPlainNames, plainly } from '../folders/held-folder.ts';
import { findSafeFolder } from '../store/safe-folder.ts';

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
  /** What names in it are reached by while the work on it goes on. */
  readonly path: string;
  /** Where not, its path may lead elsewhere by now: it is good for a look, and for nothing else. */
  readonly isHeld: boolean;
}

/** At the same time: a shard's files may lie in a folder each, and open files are few. FFHQ's lie in one or two. */
const MOST_HELD = 64;

/** By their path relative to OUT: the folders of these files; undefined where one is not there. */
export type ListedFolders = ReadonlyMap<string, ListedFolder | undefined>;

/** Work with the folders of these files, held meanwhile where they are not too many. One listing of each spares a look for what is not there. */
export async function inListedFolders<Result>(
  storePath: string,
  files: readonly string[],
  work: (folders: ListedFolders) => Promise<Result>,
): Promise<Result> {
  const listed = new Map<string, ListedFolder | undefined>();
  const held: HeldFolder[] = [];
  try {
    for (const file of files) {
      const relative = folderName(file);
      if (listed.has(relative)) continue;
      plainly(storePath, file);
      const folder = await findSafeFolder(storePath, relative);
      const isHeld = held.length < MOST_HELD;
      try {
        const path = isHeld ? folder?.path : folder?.name;
        listed.set(
          relative,
          path && folder ? { path, isHeld, ...(await surveyFolder(folder.path)) } : undefined,
        );
      } finally {
        if (isHeld && folder) held.push(folder);
        else await folder?.release();
      }
    }
    return await work(listed);
  } catch (error) {
    throw inPlainNames(error);
  } finally {
    for (const folder of held) await folder.release();
  }
}

/** The path of a file whose folder is listed; undefined where no such name lies there. */
export function listedPath(folders: ListedFolders, file: string): string | undefined {
  const folder = folders.get(folderName(file));
  const name = fileName(file);
  return folder?.names.has(name) ? join(folder.path, name) : undefined;
}

import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { refused } from '../../../domain/failure/command-failure.ts';

/** Where the command was given, and where the project itself lies. */
export interface Folders {
  readonly given: string;
  readonly project: string;
}

/** The folder that `--sample` uses when the command was given in the project's own. */
const SAMPLE_FOLDER = 'ffhq-sample';

/**
 * npm moves to the project before it runs a script and leaves the real folder in INIT_CWD. A command started in any
 * other folder was started there, whatever an npm further up the process tree says.
 */
export function folderOfCommand(
  cwd: string,
  project: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const before = env.INIT_CWD;
  return before !== undefined && before !== '' && isSameFolder(cwd, project) ? before : cwd;
}

/** OUT as an absolute path. The project's own folder is refused: a dataset would bury it. */
export function chooseOut(out: string | undefined, sample: boolean, folders: Folders): string {
  if (out === '') throw refused('flag [--out]: expected a folder, got nothing');
  if (out === undefined && sample && isSameFolder(folders.given, folders.project)) {
    return join(folders.project, SAMPLE_FOLDER);
  }
  const chosen = resolve(folders.given, out ?? '.');
  if (isSameFolder(chosen, folders.project)) {
    throw refused(
      `folder [${chosen}]: expected a folder for the dataset, got the project's own; ` +
        'give one with --out DIR, or give the command in another folder',
    );
  }
  return chosen;
}

function isSameFolder(a: string, b: string): boolean {
  return physical(a) === physical(b);
}

/** The path without symbolic links; parts that do not exist yet stand for themselves. */
function physical(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(physical(parent), basename(absolute));
  }
}

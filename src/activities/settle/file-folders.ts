import { join } from 'node:path';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { addSwept, type Swept } from '../../domain/run/progress.ts';
import { type FolderSurvey, partialsOf, surveyFolder } from '../partials/folder-survey.ts';
import { sweepPartials } from '../partials/left-partials.ts';
import { syncFolder } from '../records/sync-folder.ts';
import { fileName, folderName, makeSafeFolder } from '../store/safe-folder.ts';
import type { WriterProcess } from '../store/writer.ts';

/** A folder that files are put into: made, checked for symbolic links, and listed once. */
export interface FileFolder extends FolderSurvey {
  /** Absolute. */
  readonly path: string;
}

/** The folders of one bundle's files: mostly one. */
export class FileFolders {
  readonly #storePath: string;
  readonly #folders = new Map<string, Promise<FileFolder>>();

  constructor(storePath: string) {
    this.#storePath = storePath;
  }

  of(spec: FileSpec): Promise<FileFolder> {
    const name = folderName(spec.path);
    let folder = this.#folders.get(name);
    if (folder === undefined) {
      folder = this.#open(name);
      this.#folders.set(name, folder);
    }
    return folder;
  }

  /** What was renamed into the folders keeps its name from now on, whatever happens to the machine. */
  async sync(): Promise<void> {
    for (const name of this.#folders.keys()) await syncFolder(join(this.#storePath, name));
  }

  /**
   * Removes what attempts that overlapped have let go of beside files that are there, since the folders were listed.
   *
   * @param stored paths of files that are there
   */
  async sweepReleased(stored: readonly string[], writer: WriterProcess): Promise<Swept | undefined> {
    let swept: Swept | undefined;
    for (const name of this.#folders.keys()) {
      const path = join(this.#storePath, name);
      const now = await surveyFolder(path);
      if (now.partials.size === 0) continue;
      for (const file of stored.filter((one) => folderName(one) === name)) {
        const target = fileName(file);
        swept = addSwept(swept, await sweepPartials(path, target, partialsOf(now, target), writer));
      }
    }
    return swept;
  }

  async #open(name: string): Promise<FileFolder> {
    const path = await makeSafeFolder(this.#storePath, name);
    return { path, ...(await surveyFolder(path)) };
  }
}

import { join } from 'node:path';
import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { type FolderSurvey, surveyFolder } from '../partials/folder-survey.ts';
import { syncFolder } from '../records/sync-folder.ts';
import { folderName, makeSafeFolder } from '../store/safe-folder.ts';

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

  async #open(name: string): Promise<FileFolder> {
    const path = await makeSafeFolder(this.#storePath, name);
    return { path, ...(await surveyFolder(path)) };
  }
}

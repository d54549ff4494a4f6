import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import { STATE_FOLDER, statePaths } from '../../domain/dataset/layout.ts';
import { folderName } from '../../domain/dataset/plain-path.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import { type HeldFolder, plainly } from '../folders/held-folder.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import { type FolderSurvey, surveyFolder } from '../partials/folder-survey.ts';
import { PartialLostError } from '../partials/partial-file.ts';
import { makeSafeFolder } from '../store/safe-folder.ts';

/** A folder that files are put into: made, checked for symbolic links, held, and listed once. */
export interface FileFolder extends FolderSurvey {
  /** What names in it are reached by until the folders are released. */
  readonly path: string;
}

/** How long work that was told to stop may yet go by a held folder's path. */
const LATE_MS = 30_000;

/** The folders of one bundle's files: mostly one. */
export class FileFolders {
  readonly #storePath: string;
  readonly #folders = new Map<string, Promise<FileFolder>>();
  readonly #held: HeldFolder[] = [];

  constructor(storePath: string) {
    this.#storePath = storePath;
  }

  async of(spec: FileSpec): Promise<FileFolder> {
    this.#refuseOutside(spec);
    const name = folderName(spec.path);
    let folder = this.#folders.get(name);
    if (folder === undefined) {
      folder = this.#open(name);
      this.#folders.set(name, folder);
    }
    return folder;
  }

  /**
   * What was renamed into the folders keeps its name from now on, whatever happens to the machine. Throws a
   * {@link PartialLostError} where a folder was moved meanwhile: what was put into it is not where it should be.
   */
  async sync(): Promise<void> {
    for (const folder of this.#held) {
      await syncFolder(folder.path);
      if (!(await folder.isInPlace()))
        throw new PartialLostError(
          `folder [path=${folder.name}]: expected it in its place, got it moved during the work`,
        );
    }
  }

  /** Nothing is to be reached through them any more; `late`: except by threads that are told to stop and have not heard of it. */
  async release({ late = false } = {}): Promise<void> {
    await Promise.allSettled(this.#folders.values());
    this.#folders.clear();
    const held = this.#held.splice(0);
    const end = async () => {
      for (const folder of held) await folder.release();
    };
    if (!late) return end();
    setTimeout(() => void end().catch(() => {}), LATE_MS).unref();
  }

  /** Of the project's own folder only the manifest that was just fetched is a file like others. */
  #refuseOutside({ path }: FileSpec): void {
    const [first] = plainly(this.#storePath, path);
    if (first !== undefined && (first !== STATE_FOLDER || path === statePaths.incomingManifest)) return;
    throw new StoreError(
      'unsafe-folder',
      `store [path=${this.#storePath}]: expected a file of the dataset, got ${JSON.stringify(path)}`,
    );
  }

  async #open(name: string): Promise<FileFolder> {
    const held = await makeSafeFolder(this.#storePath, name);
    this.#held.push(held);
    return { path: held.path, ...(await surveyFolder(held.path)) };
  }
}

/*
 * `--discard-originals`: how an original goes once its pictures are there. Each step outlives a power failure before the
 * next one begins: the picture, its name, its record, the word that the original is discarded, then the deed. Whatever
 * ends the work in between, the next look at the picture takes the next step.
 */

import type { AlignSpec } from '../../domain/align/align-spec.ts';
import { type Folder, folderOf, type ImageId } from '../../domain/dataset/ids.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import { kinds } from '../../domain/kinds.ts';
import type { AlignRequest, RunRequest } from '../../domain/run/request.ts';
import { selectionOf } from '../../domain/selection/selection-of.ts';
import { recordOfPassing } from '../../domain/verify/passing-file.ts';
import { recordOfDone } from '../../domain/verify/recipe.ts';
import { nextTurn, type VerificationRecord } from '../../domain/verify/verification-record.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { inFolder, inPlainNames, plainly } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import { syncFolder } from '../folders/sync-folder.ts';
import { cropsOf } from '../manifest/crop-files.ts';
import { foldersOf, sharedOriginals } from '../manifest/shared-originals.ts';
import type { ManifestCaches } from '../records/line-cache.ts';
import type { VerifiedFiles } from '../records/verified-records.ts';
import { bornOf, lstatIfThere, onDisk } from '../store/file-info.ts';
import { findSafeFolder } from '../store/safe-folder.ts';

/** What it needs of an Activity's attempt. */
export interface OriginalsScope {
  readonly storePath: string;
  readonly dependencies: ManifestCaches & Pick<ActivityDependencies, 'verifiedLog'>;
  readonly heartbeat: { readonly signal: AbortSignal };
}

export interface OriginalsSetting {
  readonly align: AlignRequest;
  readonly ids: RunRequest['ids'];
  /** First Run Id. */
  readonly run: string;
  /** Of the records. */
  readonly folder: Folder;
  /** Where every face of the manifest lies. */
  readonly crops: string;
}

/** The originals of one bundle's faces. */
export class OriginalsToGo {
  readonly #scope: OriginalsScope;
  readonly #setting: OriginalsSetting;
  #ownRecords: Promise<VerifiedFiles> | undefined;

  constructor(scope: OriginalsScope, setting: OriginalsSetting) {
    this.#scope = scope;
    this.#setting = setting;
  }

  /**
   * Lets a face's original go, if it is one that may and no other face is still to be cut out of it.
   *
   * @param picture path of the aligned picture, relative to OUT
   * @param noted resolves when the picture's record is on the disk
   */
  async letGo({ original }: AlignSpec, picture: string, noted: () => Promise<void>): Promise<void> {
    await this.#atFile(original.path, (path) => this.#letGo(path, original, picture, noted));
  }

  async #letGo(
    path: string,
    original: AlignSpec['original'],
    picture: string,
    noted: () => Promise<void>,
  ): Promise<void> {
    const { storePath, dependencies, heartbeat } = this.#scope;
    const info = await lstatIfThere(path);
    if (!info?.isFile()) return;
    const sharing = await this.#sharing(original.path);
    const records = await this.#recordsOf(original.path, sharing);
    const born = bornOf(info);
    const record = recordOfPassing(records, { ...onDisk(info), born });
    if (record === undefined || heartbeat.signal.aborted) return;
    await noted();
    await inFolder(storePath, folderName(picture), syncFolder);
    // Only now: of two faces that are done at once, the later one sees the other's record.
    if (!(await this.#haveAllPassed(sharing)) || heartbeat.signal.aborted) return;
    if (record.how !== 'discarded') {
      const { folder, run } = this.#setting;
      const at = new Date().toISOString();
      const discarded = { ...record, how: 'discarded', born, run, at, turn: nextTurn(records) } as const;
      await dependencies.verifiedLog.append(storePath, kinds.align.madeOf, folder, discarded, { sync: true });
    }
    await removeFile(path);
  }

  /** A file of the dataset folder by its relative path; undefined where not even its folder is there. */
  async #atFile<Result>(
    relative: string,
    work: (path: string) => Promise<Result>,
  ): Promise<Result | undefined> {
    const { storePath } = this.#scope;
    plainly(storePath, relative);
    const folder = await findSafeFolder(storePath, folderName(relative));
    if (folder === undefined) return undefined;
    try {
      return await work(`${folder.path}/${fileName(relative)}`);
    } catch (error) {
      throw inPlainNames(error);
    } finally {
      await folder.release();
    }
  }

  /** The faces that this run cuts out of an original, if there are several. */
  async #sharing(path: string): Promise<readonly ImageId[]> {
    const { crops, ids } = this.#setting;
    const shared = await sharedOriginals(this.#scope.dependencies, crops);
    return shared.get(path)?.filter(selectionOf(ids)) ?? [];
  }

  /** Whichever folder's fetching brought it. */
  async #recordsOf(path: string, sharing: readonly ImageId[]): Promise<VerificationRecord[]> {
    const { storePath, dependencies } = this.#scope;
    const { madeOf } = kinds.align;
    const readVerified = (group: Folder) => dependencies.verifiedLog.read(storePath, madeOf, group);
    const { folder } = this.#setting;
    // Those of this folder were all written before its aligning began.
    this.#ownRecords ??= readVerified(folder);
    const others = foldersOf(sharing).filter((other) => other !== folder);
    const all = await Promise.all([this.#ownRecords, ...others.map(readVerified)]);
    return all.flatMap((verified) => verified.get(path) ?? []);
  }

  async #haveAllPassed(sharing: readonly ImageId[]): Promise<boolean> {
    const { storePath, dependencies } = this.#scope;
    const { align, crops } = this.#setting;
    for (const id of sharing) {
      const folder = folderOf(id);
      const face = (await cropsOf(dependencies, crops, folder)).get(id);
      if (face === undefined) return false;
      const picture = `${align.folder}/${face.output}`;
      const info = await this.#atFile(picture, lstatIfThere);
      if (!info?.isFile()) return false;
      const records = (await dependencies.verifiedLog.read(storePath, 'align', folder)).get(picture);
      if (recordOfDone(face, align, records, onDisk(info)) === undefined) return false;
    }
    return true;
  }
}

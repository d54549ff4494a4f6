/*
 * Faces of the user's photographs are numbered in the order of the landmarks file. Another photograph in front moves all
 * that follow up, some into the next thousand, whose records know nothing of pictures that were made before.
 */

import { readdir } from 'node:fs/promises';
import type { Folder } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import { fileName, folderName } from '../../domain/dataset/plain-path.ts';
import { errorCode, storeErrorFrom } from '../../domain/failure/store-failure.ts';
import { type Incarnation, knownOf, nextTurn } from '../../domain/verify/verification-record.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { inFolder } from '../folders/held-folder.ts';
import type { VerifiedFiles } from '../records/verified-records.ts';
import { lstatIfThere, onDisk } from '../store/file-info.ts';

interface RecordsScope {
  readonly storePath: string;
  readonly dependencies: Pick<ActivityDependencies, 'verifiedLog'>;
}

/**
 * Notes in a folder's records what those of other folders know of its pictures as they lie there, where its own know
 * nothing: then they are this program's own, and done, under their new numbers too.
 */
export async function takeRecordsAlong(
  { storePath, dependencies }: RecordsScope,
  folder: Folder,
  pictures: readonly { readonly path: string }[],
): Promise<void> {
  const { verifiedLog } = dependencies;
  try {
    const own = await verifiedLog.read(storePath, 'align', folder);
    const unknown = await unknownPictures(storePath, pictures, own);
    if (unknown.size === 0) return;
    for (const group of await otherGroups(storePath, folder)) {
      const records = await verifiedLog.read(storePath, 'align', group);
      for (const [path, there] of unknown) {
        const known = records.get(path);
        if (known === undefined || knownOf(known, there) === undefined) continue;
        unknown.delete(path);
        let turn = nextTurn(own.get(path));
        for (const record of known.filter(({ size, mtime }) => size === there.size && mtime === there.mtime))
          await verifiedLog.append(storePath, 'align', folder, { ...record, turn: turn++ });
      }
      if (unknown.size === 0) return;
    }
  } catch (error) {
    throw storeErrorFrom(error, 'verification records') ?? error;
  }
}

/** What lies in their places that the records do not know. */
async function unknownPictures(
  storePath: string,
  pictures: readonly { readonly path: string }[],
  records: VerifiedFiles,
): Promise<Map<string, Incarnation>> {
  const unknown = new Map<string, Incarnation>();
  for (const { path } of pictures) {
    // What may not be looked at is told when the picture is settled.
    const look = (held: string) => lstatIfThere(`${held}/${fileName(path)}`);
    const info = await inFolder(storePath, folderName(path), look).catch(() => undefined);
    if (!info?.isFile()) continue;
    const there = onDisk(info);
    if (knownOf(records.get(path), there) === undefined) unknown.set(path, there);
  }
  return unknown;
}

/** The nearest first: a few more photographs move faces no further. */
async function otherGroups(storePath: string, folder: Folder): Promise<string[]> {
  const distance = (group: string) => Math.abs(Number(group) - Number(folder));
  try {
    const groups = await inFolder(storePath, folderName(statePaths.verified('align', folder)), (held) =>
      readdir(held),
    );
    return groups
      .filter((group) => group !== folder && /^\d{5}$/.test(group))
      .sort((a, b) => distance(a) - distance(b));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

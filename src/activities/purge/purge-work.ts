import { join } from 'node:path';
import { statePaths } from '../../domain/dataset/layout.ts';
import { type PurgeRecord, parsePurgeRecord } from '../../domain/exclusion/purge.ts';
import { atFile } from '../folders/held-folder.ts';
import { removeFile } from '../folders/remove-file.ts';
import type { Seal } from '../records/seal.ts';
import { storeIdIn } from '../records/store-id.ts';
import { readSmallFile } from '../store/atomic-file.ts';
import { ReplacedFile } from '../store/replaced-file.ts';

/** A hundred thousand records with long addresses. */
const MOST_BYTES = 1024 ** 3;

/*
 * What a purge is at lies in the folder until it is through: a manifest that has its tombstones tells no more which files are to
 * go. It is the last thing to be removed.
 */

export async function readPurgeWork(storePath: string, seal: Seal): Promise<readonly PurgeRecord[]> {
  const text = await readSmallFile(join(storePath, statePaths.purgeWork), MOST_BYTES);
  if (text === undefined) return [];
  const purpose = await purposeOf(storePath);
  return text.split('\n').flatMap((line): PurgeRecord[] => {
    const said = seal.open(purpose, line);
    const record = said === undefined ? undefined : parsePurgeRecord(said);
    return record === undefined ? [] : [record];
  });
}

export async function writePurgeWork(
  storePath: string,
  records: readonly PurgeRecord[],
  seal: Seal,
): Promise<void> {
  const purpose = await purposeOf(storePath);
  const file = await ReplacedFile.begin(storePath, statePaths.purgeWork);
  try {
    for (const record of records) await file.write(`${seal.close(purpose, JSON.stringify(record))}\n`);
    await file.replace();
  } finally {
    await file.discard();
  }
}

export async function removePurgeWork(storePath: string): Promise<void> {
  await atFile(join(storePath, statePaths.purgeWork), removeFile);
}

async function purposeOf(storePath: string): Promise<string> {
  return `purge ${(await storeIdIn(storePath)) ?? ''}`;
}

import { join } from 'node:path';
import { MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { Excluder } from '../../domain/exclusion/excluder.ts';
import type { DescribedRecord } from '../../domain/rights/described-record.ts';
import { readExclusions } from '../exclusion/exclusions.ts';
import { readLedger } from '../exclusion/ledger-file.ts';
import type { Seal } from '../records/seal.ts';
import { lstatIfThere, md5OfFile } from '../store/file-info.ts';
import { RecordIndex } from './record-index.ts';

export type IsExcluded = (record: Pick<DescribedRecord, 'id' | 'author' | 'photoUrl'>) => boolean;

/** Of a folder that lets nothing go. */
export const nobodyExcluded: IsExcluded = () => false;

/**
 * Which records of the manifest in a folder its list lets go, or its ledger. Throws `unsafe-folder` where the list is of
 * another key.
 */
export async function excludedRecords(folder: string, signal: AbortSignal, seal: Seal): Promise<IsExcluded> {
  const [list, ledger] = [await readExclusions(folder, seal), await readLedger(folder, seal)];
  const isNone = list.entries.length === 0 && ledger.removed.length === 0;
  const path = join(folder, MANIFEST_FILE);
  if (isNone || !(await lstatIfThere(path))?.isFile()) return nobodyExcluded;
  const known = await (await RecordIndex.of(folder, seal))?.md5();
  const md5 = ledger.publishedOf(known ?? (await md5OfFile(path, signal, () => {})));
  const [excluder, removed] = [new Excluder(list, md5), ledger.removedOf(md5)];
  return (record) => removed.has(record.id) || excluder.excludes(record);
}

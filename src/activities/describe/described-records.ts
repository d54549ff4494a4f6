import { join } from 'node:path';
import { MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { type DescribedRecord, describeRecord } from '../../domain/rights/described-record.ts';
import { readManifestRecords } from '../manifest/manifest-records.ts';

/**
 * Every record of the manifest in a dataset folder, in its order, one at a time: the one pass that everything which says
 * what is in a folder, and whose it is, reads. 70,000 records take about three seconds and no memory.
 *
 * @returns the manifest's MD5
 */
export async function* describedRecords(
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<DescribedRecord, { readonly md5: string; readonly bytes: number }> {
  const records = readManifestRecords(join(folder, MANIFEST_FILE), signal);
  try {
    for (let position = 0; ; position += 1) {
      const next = await records.next();
      if (next.done) return next.value;
      yield describeRecord(next.value.key, next.value.value, position);
    }
  } finally {
    await records.return(undefined as never);
  }
}

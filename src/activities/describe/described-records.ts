import { join } from 'node:path';
import { MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { isRemoved } from '../../domain/exclusion/tombstone.ts';
import { type DescribedRecord, describeRecord } from '../../domain/rights/described-record.ts';
import { readManifestRecords } from '../manifest/manifest-records.ts';
import type { Seal } from '../records/seal.ts';
import { type ReadManifest, RecordIndex } from './record-index.ts';

/**
 * Every record of the manifest in a dataset folder, in its order, one at a time: the one pass that everything which says
 * what is in a folder, and whose it is, reads. 70,000 records take about five seconds and little memory; with the index
 * that the first pass leaves in the folder, one.
 *
 * @param seal of whoever reads: without it no index is read or made
 * @returns the manifest's MD5
 */
export async function* describedRecords(
  folder: string,
  signal: AbortSignal,
  seal?: Seal,
): AsyncGenerator<DescribedRecord, ReadManifest> {
  const index = seal === undefined ? undefined : await RecordIndex.of(folder, seal);
  let told = 0;
  if (index !== undefined) {
    const known = index.read(signal);
    try {
      for (;;) {
        const next = await known.next();
        if (next.done === true) {
          if (next.value !== undefined) return next.value;
          break;
        }
        yield next.value;
        told += 1;
      }
    } finally {
      await known.return(undefined);
    }
  }
  return yield* recordsOfManifest(folder, signal, told, index);
}

/** From the manifest itself, and the index is made anew of it. Records before `from` were told by the old one. */
async function* recordsOfManifest(
  folder: string,
  signal: AbortSignal,
  from: number,
  index: RecordIndex | undefined,
): AsyncGenerator<DescribedRecord, ReadManifest> {
  const draft = await index?.draft();
  const records = readManifestRecords(join(folder, MANIFEST_FILE), signal);
  let nth = 0;
  try {
    for (let position = 0; ; position += 1) {
      const next = await records.next();
      if (next.done) {
        await draft?.finish(next.value.md5);
        return next.value;
      }
      // It was let go, and only keeps its place.
      if (isRemoved(next.value.value)) continue;
      const record = describeRecord(next.value.key, next.value.value, position);
      await draft?.add(record);
      if (nth >= from) yield record;
      nth += 1;
    }
  } finally {
    await draft?.discard();
    await records.return(undefined as never);
  }
}

import { join } from 'node:path';
import type { BagFile } from '../../../domain/cards/bag.ts';
import { MANIFEST_FILE } from '../../../domain/dataset/layout.ts';
import { isAbsent, parseManifestRecord } from '../../../domain/dataset/manifest.ts';
import type { ImageKind } from '../../../domain/kinds.ts';
import type { DescribedRecord } from '../../../domain/rights/described-record.ts';
import { readManifestRecords } from '../../manifest/manifest-records.ts';

/** Where the files of records are to be had, which what describes records leaves out: a pass over the manifest beside that. */
export class ManifestUrls {
  readonly #records: ReturnType<typeof readManifestRecords>;

  constructor(out: string, signal: AbortSignal) {
    this.#records = readManifestRecords(join(out, MANIFEST_FILE), signal);
  }

  /** Of records in the order of the manifest, each asked for once at most. */
  async filesOf({ id }: DescribedRecord, kinds: readonly ImageKind[]): Promise<readonly BagFile[]> {
    for (;;) {
      const next = await this.#records.next();
      if (next.done === true) return [];
      if (next.value.key !== String(id)) continue;
      const { specs } = parseManifestRecord(next.value.key, next.value.value);
      return kinds.flatMap((kind): BagFile[] => {
        const spec = specs[kind];
        if (isAbsent(spec)) return [];
        return [{ path: spec.path, bytes: spec.size, md5: spec.md5, url: spec.url }];
      });
    }
  }

  async close(): Promise<void> {
    await this.#records.return(undefined as never);
  }
}

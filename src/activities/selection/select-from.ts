import type { ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import { Ledger } from '../../domain/exclusion/ledger.ts';
import { isRemoved } from '../../domain/exclusion/tombstone.ts';
import type { SelectionAsk } from '../../domain/selection/ask.ts';
import { factsOf } from '../../domain/selection/record-facts.ts';
import { type Selected, Selector } from '../../domain/selection/select.ts';
import { eachManifestRecord } from '../manifest/manifest-records.ts';

/** One pass over a manifest that was found right before: a record at a time, whatever its size. */
export async function selectFrom(
  manifest: string,
  ask: SelectionAsk,
  options: {
    readonly md5: Md5;
    readonly signal: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
    /** What the folder lets go: as if the manifest did not have it. @default nothing */
    readonly excluded?: readonly ImageId[];
    /** @default empty */
    readonly ledger?: Ledger;
  },
): Promise<Selected> {
  const selector = new Selector(ask);
  const { signal, onBytes, md5: expected, ledger = new Ledger([]) } = options;
  const excluded = new Set(options.excluded);
  const { md5 } = await eachManifestRecord(manifest, signal, onBytes, async (key, value) => {
    const facts = factsOf(key, value);
    if (!isRemoved(value) && !excluded.has(facts.id)) selector.add(facts);
  });
  if (ledger.publishedOf(md5) !== expected)
    throw new ManifestError(`manifest [file=${manifest}]: expected MD5 ${expected}, got ${md5}`);
  return selector.finish();
}

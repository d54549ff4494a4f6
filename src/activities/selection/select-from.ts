import type { ImageId, Md5 } from '../../domain/dataset/ids.ts';
import { ManifestError } from '../../domain/dataset/manifest.ts';
import type { SelectionAsk } from '../../domain/selection/ask.ts';
import { type RecordFacts, type Selected, Selector } from '../../domain/selection/select.ts';
import { eachManifestRecord } from '../manifest/manifest-records.ts';

/** One pass over a manifest that was found right before: a record at a time, whatever its size. */
export async function selectFrom(
  manifest: string,
  ask: SelectionAsk,
  options: {
    readonly md5: Md5;
    readonly signal: AbortSignal;
    readonly onBytes?: (bytes: number) => void;
  },
): Promise<Selected> {
  const selector = new Selector(ask);
  const { signal, onBytes, md5: expected } = options;
  const { md5 } = await eachManifestRecord(manifest, signal, onBytes, async (key, value) => {
    selector.add(factsOf(key, value));
  });
  if (md5 !== expected)
    throw new ManifestError(`manifest [file=${manifest}]: expected MD5 ${expected}, got ${md5}`);
  return selector.finish();
}

/** The parser of records has checked their form. */
function factsOf(key: string, value: unknown): RecordFacts {
  const record = value as {
    readonly category?: string;
    readonly metadata?: Readonly<Record<string, string>>;
  };
  const { metadata = {} } = record;
  return {
    id: Number(key) as ImageId,
    category: record.category ?? '',
    licenseUrl: metadata.license_url ?? '',
    country: metadata.country ?? '',
    author: metadata.author ?? '',
    photoUrl: metadata.photo_url ?? '',
  };
}

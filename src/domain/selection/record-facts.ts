import type { ImageId } from '../dataset/ids.ts';
import type { RecordFacts } from './select.ts';

/** What records are chosen by, of one whose form the parser of records has checked. */
export function factsOf(key: string, value: unknown): RecordFacts {
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

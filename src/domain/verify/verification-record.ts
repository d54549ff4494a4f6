import type { FileSpec } from '../dataset/file-spec.ts';
import type { Md5 } from '../dataset/ids.ts';
import { compareSize } from './compare-content.ts';

/** One line of `.ffhq/verified`: this project saw these bytes under this name. */
export interface VerificationRecord {
  readonly file: string;
  readonly size: number;
  /** Nanoseconds since the epoch, in decimal: more than a double holds. */
  readonly mtime: string;
  readonly md5: Md5;
  readonly pixelMd5?: Md5;
  /** `discarded`: an original that is no longer needed, and no longer there. */
  readonly how: 'stored' | 'adopted' | 'discarded';
  /** Fetched by a run that lets originals go once they have served: only such a file is ever discarded. */
  readonly passing?: true;
  /** Of an aligned picture: digest of everything that it was made by. */
  readonly recipe?: Md5;
  /** First Run Id of the run that saw it. */
  readonly run: string;
  /** ISO 8601; for people, no decision rests on a clock. */
  readonly at: string;
}

export function isVerificationRecord(value: unknown): value is VerificationRecord {
  if (value === null || typeof value !== 'object') return false;
  const record = value as Record<string, unknown>;
  return (
    typeof record.file === 'string' &&
    typeof record.size === 'number' &&
    typeof record.mtime === 'string' &&
    typeof record.md5 === 'string' &&
    (record.how === 'stored' || record.how === 'adopted' || record.how === 'discarded') &&
    typeof record.run === 'string'
  );
}

/** The latest record that vouches for a file as it lies there now, if that is the one that the manifest wants. */
export function findVouchingRecord(
  spec: FileSpec,
  records: readonly VerificationRecord[] | undefined,
  onDisk: { readonly size: number; readonly mtime: string },
): VerificationRecord | undefined {
  if (compareSize(spec, onDisk.size) !== undefined) return undefined;
  return records?.findLast(
    (record) =>
      record.how !== 'discarded' &&
      record.size === onDisk.size &&
      record.mtime === onDisk.mtime &&
      (spec.md5 === undefined || record.md5 === spec.md5) &&
      (spec.pixels === undefined || record.pixelMd5 === spec.pixels.md5),
  );
}

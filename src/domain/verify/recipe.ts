import type { AlignSpec } from '../align/align-spec.ts';
import { md5Of } from '../dataset/digest.ts';
import type { Md5 } from '../dataset/ids.ts';
import type { AlignRequest } from '../run/request.ts';
import {
  type Incarnation,
  knownOf,
  type SeenRecord,
  type VerificationRecord,
} from './verification-record.ts';

/** Raised when the same crop of the same original would give another file. */
const RECIPE_VERSION = 1;

/** Digest of the options that decide where faces lie; names their crop files. */
export function optionsDigest({ options }: AlignRequest): Md5 {
  const { rotateLevel, randomShift, retryCrops, enablePadding } = options;
  return digest(['crops', RECIPE_VERSION, rotateLevel, randomShift, retryCrops, enablePadding]);
}

/** Digest of everything that one aligned picture is made by; a record with another one vouches for nothing. */
export function recipeOf({ original, crop }: AlignSpec, { options, fileIdentical }: AlignRequest): Md5 {
  return digest([
    RECIPE_VERSION,
    original.md5 ?? [original.path, original.size],
    crop,
    options.enablePadding,
    fileIdentical,
  ]);
}

/** Was it made as is asked for? A picture whose file equals Pillow's serves whoever asks for its pixels alone. */
export function isMadeBy({ recipe }: SeenRecord, spec: AlignSpec, request: AlignRequest): boolean {
  if (recipe === recipeOf(spec, request)) return true;
  return !request.fileIdentical && recipe === recipeOf(spec, { ...request, fileIdentical: true });
}

/**
 * The record of an aligned picture that is done: what is known of it as it lies there is that it was made by this recipe
 * and, where a published picture is known, that it is identical to it.
 */
export function recordOfDone(
  spec: AlignSpec,
  request: AlignRequest,
  records: readonly VerificationRecord[] | undefined,
  there: Incarnation,
): SeenRecord | undefined {
  const record = knownOf(records, there);
  return record !== undefined &&
    record.how !== 'damaged' &&
    isMadeBy(record, spec, request) &&
    differenceOf(spec, request, record) === undefined
    ? record
    : undefined;
}

/** How an aligned picture differs from the published one; undefined where it does not, or where none is known. */
export function differenceOf(
  { expected }: AlignSpec,
  { fileIdentical }: AlignRequest,
  seen: { readonly pixelMd5?: Md5; readonly md5: Md5 },
): 'different' | 'different-file' | undefined {
  if (expected === undefined) return undefined;
  if (seen.pixelMd5 !== expected.pixelMd5) return 'different';
  return fileIdentical && expected.md5 !== undefined && seen.md5 !== expected.md5
    ? 'different-file'
    : undefined;
}

function digest(value: unknown): Md5 {
  return md5Of(Buffer.from(JSON.stringify(value)));
}

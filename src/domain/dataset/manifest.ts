/**
 * One record of `ffhq-dataset-v2.json`: `unknown` in, specs out, or an error that names record and field. Everything
 * in it is untrusted.
 */

import type { ImageKind } from '../kinds.ts';
import { imageKinds, kinds, perImageKind } from '../kinds.ts';
import type { FileSpec } from './file-spec.ts';
import type { ImageId } from './ids.ts';
import { parseImageId, parseMd5 } from './ids.ts';
import { isSafeImagePath } from './layout.ts';
import { kindOfValue, shownName, shownValue } from './shown-value.ts';

/** The record's field of each kind. */
const recordFields = perImageKind((kind) => kinds[kind].recordField);

/** A picture file larger than this is not a face photo; the largest FFHQ original is far below. */
const MAX_FILE_BYTES = 4 * 1024 ** 3;
/** Of a title, an author, a country: a hundred times what Flickr has. */
const MAX_TEXT = 10_000;
/** Per side, the PNG format's own bound. */
const MAX_SIDE = 2 ** 31 - 1;

export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

export type ImageSpec = FileSpec & { readonly size: number } & Required<Pick<FileSpec, 'md5' | 'pixels'>>;

export interface ManifestRecord {
  readonly id: ImageId;
  /** It was let go, and only keeps its place: of no kind it has a file. */
  readonly removed?: true;
  readonly specs: Readonly<Record<ImageKind, ImageSpec | AbsentSpec>>;
}

/** A kind of which the record does not say enough to fetch or verify it; only an error for runs that want the kind. */
export interface AbsentSpec {
  readonly absent: string;
}

/** Which hosts its URLs may lead to is not a record's matter: that is checked for the manifest as a whole. */
export function parseManifestRecord(key: string, value: unknown): ManifestRecord {
  const id = parseImageId(key);
  if (id === undefined)
    throw wrong(key, undefined, 'a key 0 to 99999 without leading zeros', shownValue(key));
  const record = asObject(value, key, undefined);
  optional(record, key, 'category', isText);
  if (record.metadata !== undefined) {
    const metadata = asObject(record.metadata, key, 'metadata');
    for (const field of metadataFields) optional(metadata, key, `metadata.${field}`, isText);
  }
  const specs = {} as Record<ImageKind, ImageSpec | AbsentSpec>;
  for (const kind of imageKinds) specs[kind] = parseImage(key, kind, record[recordFields[kind]]);
  return { id, specs, ...(record.removed === true ? { removed: true } : {}) };
}

export function isAbsent(spec: ImageSpec | AbsentSpec): spec is AbsentSpec {
  return 'absent' in spec;
}

const metadataFields = [
  'photo_url',
  'photo_title',
  'author',
  'country',
  'license',
  'license_url',
  'date_uploaded',
  'date_crawled',
] as const;

interface Check {
  readonly expected: string;
  readonly test: (value: unknown) => boolean;
}

const isText: Check = {
  expected: `a string of at most ${MAX_TEXT} characters`,
  test: (value) => typeof value === 'string' && value.length <= MAX_TEXT,
};
const isCount: Check = {
  expected: `an integer from 1 to ${MAX_FILE_BYTES}`,
  test: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_FILE_BYTES,
};
const isMd5: Check = { expected: '32 lower-case hex digits', test: (value) => parseMd5(value) !== undefined };
const isPixelSize: Check = {
  expected: '[width, height], positive integers',
  test: (value) =>
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((side) => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE),
};
const isFinitePair = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((number) => Number.isFinite(number));
const isLandmarks: Check = {
  expected: '68 pairs of finite numbers, or none',
  test: (value) =>
    Array.isArray(value) && (value.length === 0 || value.length === 68) && value.every(isFinitePair),
};
const isRect: Check = {
  expected: '4 finite numbers',
  test: (value) =>
    Array.isArray(value) && value.length === 4 && value.every((number) => Number.isFinite(number)),
};
const isQuad: Check = {
  expected: '4 pairs of finite numbers, or none',
  test: (value) =>
    Array.isArray(value) && (value.length === 0 || value.length === 4) && value.every(isFinitePair),
};

const faceChecks = { face_landmarks: isLandmarks, face_rect: isRect, face_quad: isQuad } as const;

const requiredFields = ['file_url', 'file_path', 'file_size', 'file_md5', 'pixel_size', 'pixel_md5'] as const;

function parseImage(key: string, kind: ImageKind, value: unknown): ImageSpec | AbsentSpec {
  const name = recordFields[kind];
  if (value === undefined) return { absent: `record ${key}, field ${name}: expected an object, got nothing` };
  const image = asObject(value, key, name);
  optional(image, key, `${name}.file_url`, {
    expected: 'an http(s) URL without credentials',
    test: (url) => {
      if (typeof url !== 'string' || url.length > 2000 || !URL.canParse(url)) return false;
      const parsed = new URL(url);
      return /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '';
    },
  });
  optional(image, key, `${name}.file_path`, {
    expected: `a plain path to a .png inside its kind's folder`,
    test: (path) => typeof path === 'string' && isSafeImagePath(kind, path),
  });
  optional(image, key, `${name}.file_size`, isCount);
  optional(image, key, `${name}.file_md5`, isMd5);
  optional(image, key, `${name}.pixel_size`, isPixelSize);
  optional(image, key, `${name}.pixel_md5`, isMd5);
  for (const field of kinds[kind].faceFields) optional(image, key, `${name}.${field}`, faceChecks[field]);
  const missing = requiredFields.find((field) => image[field] === undefined);
  if (missing !== undefined)
    return { absent: `record ${key}, field ${name}.${missing}: expected a value, got nothing` };
  const [width, height] = image.pixel_size as [number, number];
  const fileMd5 = parseMd5(image.file_md5);
  const pixelMd5 = parseMd5(image.pixel_md5);
  if (fileMd5 === undefined || pixelMd5 === undefined)
    throw new Error('unreachable: digests were checked above');
  return {
    kind,
    key,
    url: image.file_url as string,
    path: image.file_path as string,
    size: image.file_size as number,
    md5: fileMd5,
    pixels: { width, height, md5: pixelMd5 },
  };
}

function asObject(value: unknown, key: string, field: string | undefined): Record<string, unknown> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw wrong(key, field, 'an object', kindOfValue(value));
}

/** Absent is fine here; present must be right. */
function optional(object: Record<string, unknown>, key: string, field: string, check: Check): void {
  const value = object[field.slice(field.lastIndexOf('.') + 1)];
  if (value === undefined || check.test(value)) return;
  // Names of people stay out of histories, logs and terminals: of what may hold them nothing is repeated.
  const got = field.startsWith('metadata.') ? kindOfValue(value) : shownValue(value);
  throw wrong(key, field, check.expected, got);
}

function wrong(key: string, field: string | undefined, expected: string, got: string): ManifestError {
  const where = `record ${shownName(key)}${field === undefined ? '' : `, field ${field}`}`;
  return new ManifestError(`manifest [${where}]: expected ${expected}, got ${got}`);
}

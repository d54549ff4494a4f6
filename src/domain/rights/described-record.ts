import type { ImageId, Md5 } from '../dataset/ids.ts';
import { isAbsent, parseManifestRecord } from '../dataset/manifest.ts';
import { type ImageKind, imageKinds } from '../kinds.ts';
import { accountOf } from '../selection/author-key.ts';
import { type LicenseWord, licenseOf } from '../selection/licenses.ts';

/** One file of a record, as the manifest has it. */
export interface DescribedFile {
  readonly kind: ImageKind;
  /** Below the dataset folder. */
  readonly path: string;
  readonly size: number;
  readonly md5: Md5;
  /** Of the raw decoded pixels. */
  readonly pixelMd5: Md5;
  readonly width: number;
  readonly height: number;
}

/**
 * Everything that a record says of a picture and of whose it is, in the words of the manifest: untrusted text, of at most
 * 10,000 characters a field, to be escaped by whoever shows it. A field that the record lacks is empty.
 */
export interface DescribedRecord {
  readonly id: ImageId;
  /** In the whole manifest, from 0: aligned pictures are named by it. */
  readonly position: number;
  readonly category: string;
  readonly title: string;
  readonly author: string;
  /** Of Flickr, as the photograph's page names it; empty if it names none. */
  readonly account: string;
  readonly photoUrl: string;
  readonly country: string;
  /** Flickr's name of the licence. */
  readonly license: string;
  readonly licenseUrl: string;
  /** Undefined: none of the five that the dataset has. */
  readonly licenseWord: LicenseWord | undefined;
  readonly uploaded: string;
  readonly crawled: string;
  readonly files: readonly DescribedFile[];
}

/** Throws a ManifestError that names record and field. */
export function describeRecord(key: string, value: unknown, position: number): DescribedRecord {
  const { id, specs } = parseManifestRecord(key, value);
  // The parser has checked the form of these fields.
  const { category = '', metadata = {} } = value as {
    readonly category?: string;
    readonly metadata?: Readonly<Record<string, string>>;
  };
  const { photo_url: photoUrl = '', license_url: licenseUrl = '' } = metadata;
  const files = imageKinds.flatMap((kind): DescribedFile[] => {
    const spec = specs[kind];
    if (isAbsent(spec)) return [];
    const { path, size, md5, pixels } = spec;
    return [{ kind, path, size, md5, pixelMd5: pixels.md5, width: pixels.width, height: pixels.height }];
  });
  return {
    id,
    position,
    category,
    title: metadata.photo_title ?? '',
    author: metadata.author ?? '',
    account: accountOf(photoUrl) ?? '',
    photoUrl,
    country: metadata.country ?? '',
    license: metadata.license ?? '',
    licenseUrl,
    licenseWord: licenseOf(licenseUrl),
    uploaded: metadata.date_uploaded ?? '',
    crawled: metadata.date_crawled ?? '',
    files,
  };
}

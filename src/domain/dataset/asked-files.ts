/** Which of the large files a run asks for, and what it says of them itself. */

import type { LargeFileKind } from '../kinds.ts';
import type { Md5 } from './ids.ts';
import { driveUrl, type LargeFileSpec, largeFiles, zipFiles } from './reference-files.ts';

/** Where an archive comes from, and what it must be, where that is not as the reference has it. */
export interface ZipRequest {
  /** On Drive. */
  readonly id?: string;
  readonly size?: number;
  readonly md5?: Md5;
}

/** The archives that are asked for, by their keys: `tfrecords.zip`. */
export type ZipsRequest = Readonly<Record<string, ZipRequest>>;

interface Asking {
  readonly zips?: ZipsRequest;
}

export const zipKeys: readonly string[] = zipFiles.map(({ key }) => key);

/** The files of a kind that a run asks for: all of them, where it names none. */
export function askedFiles(kind: LargeFileKind, { zips = {} }: Asking): readonly LargeFileSpec[] {
  const all = largeFiles[kind];
  const named = all.filter(({ key }) => Object.hasOwn(zips, key));
  return named.length === 0 ? all : named.map((spec) => asAsked(spec, { zips }));
}

/** A file as a run asks for it; under another name or in another place it is not to be had. */
export function asAsked(spec: LargeFileSpec, { zips = {} }: Asking): LargeFileSpec {
  const own = Object.hasOwn(zips, spec.key) ? zips[spec.key] : undefined;
  if (own === undefined) return spec;
  const { id, size = spec.size, md5 = spec.md5 } = own;
  return { ...spec, size, md5, ...(id === undefined ? {} : { url: driveUrl(id) }) };
}

/** All archives of either; undefined: all that there are, as the reference has them. */
export function unionOfZips(a: ZipsRequest | undefined, b: ZipsRequest | undefined): ZipsRequest | undefined {
  const isAll = a === undefined || b === undefined;
  const all = isAll ? Object.fromEntries(zipKeys.map((key) => [key, {}])) : {};
  const union = { ...all, ...a, ...b };
  const isPlain = isAll && Object.values(union).every((own) => Object.keys(own).length === 0);
  return isPlain ? undefined : union;
}

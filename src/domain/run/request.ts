import type { AlignOptions } from '../align/align-options.ts';
import type { ZipsRequest } from '../dataset/asked-files.ts';
import type { Md5 } from '../dataset/ids.ts';
import type { TaskKind } from '../kinds.ts';

/** Where the files come from. What stands beside the name only the source of that name knows, and reads it itself. */
export interface SourceRequest {
  readonly name: string;
  readonly [field: string]: string;
}

export type ManifestRequest =
  | { readonly name: 'official' }
  /** `location`: an absolute path on the worker's host, or a URL. The checksum is demanded only if it is given. */
  | { readonly name: 'other'; readonly location: string; readonly md5?: Md5 }
  /** The user's own photographs: `folder` and the file with their landmarks, absolute paths on every worker's host. */
  | { readonly name: 'photos'; readonly folder: string; readonly landmarks: string };

/** How the faces are aligned. */
export interface AlignRequest {
  readonly options: AlignOptions;
  /** The folder that holds the originals' `file_path`s; absent: OUT itself. */
  readonly sourceDir?: string;
  /** Under OUT, where the aligned pictures go. */
  readonly folder: string;
  /** Byte for byte as Pillow writes them, and compared with `image.file_md5` too. */
  readonly fileIdentical: boolean;
  /** An original that this run fetched is removed once its aligned picture is stored and identical. */
  readonly discardOriginals: boolean;
}

export type LicenseRequest =
  | { readonly name: 'official' }
  | { readonly name: 'url'; readonly url: string }
  | { readonly name: 'none' };

/**
 * What a run is asked to do. Two starts are "the same request" when their canonical JSON is equal, so nothing that
 * may differ between them (concurrency, display, where Google's hosts really lead) belongs here, and no secret ever:
 * this is in the workflow's history.
 */
export interface RunRequest {
  /** In the order of `taskKinds`, without repeats; may be empty (only the manifest and LICENSE.txt). */
  readonly kinds: readonly TaskKind[];
  readonly manifest: ManifestRequest;
  readonly license: LicenseRequest;
  readonly source: SourceRequest;
  /** `HOST` or `HOST:PORT`, permitted beyond the built-in Google hosts, also by plain http. */
  readonly allowedHosts: readonly string[];
  /** `records`: a file verified before and unchanged in size and mtime counts. `contents`: every file is hashed again. */
  readonly trust: 'records' | 'contents';
  /** `nothing`: only look (verify); `missing`: fetch what is not there or not right. */
  readonly fetch: 'missing' | 'nothing';
  /** Faults of its own after which a file's last reason becomes its outcome. */
  readonly numAttempts: number;
  /** `pixels`: a picture in another lossless encoding counts by its pixels; absent: only the very file does. */
  readonly accept?: 'pixels';
  /** With the kind `align`. */
  readonly align?: AlignRequest;
  /** Only these records, as ranges; absent: all. */
  readonly ids?: string;
  /** Of single kinds other records than `ids` says. */
  readonly idsOf?: IdsOfKinds;
  /** Only the records that were selected, in place of `ids` and `idsOf`: which those are lies in the dataset folder. */
  readonly selection?: SelectionRequest;
  /** With the kind `zips`: which of them, and where from; absent: all, from where the reference has them. */
  readonly zips?: ZipsRequest;
  /** Overrides of the bundle bounds, for all kinds. */
  readonly bundleFiles?: number;
  readonly bundleBytes?: number;
}

/** A request as Activities go about it in a folder: of the records that are let go there none is asked for. */
export interface RequestHere extends RunRequest {
  /** How many records the folder lets go. */
  readonly letsGo?: number;
}

/** A selection as workflows know it: they are told no more of it than this. */
export interface SelectionRequest {
  /** `asked`: by somebody, for this run; `held`: the records that the folder was filled with. */
  readonly name: 'asked' | 'held';
  /** SHA-256 of what was asked for, whose text lies in the folder under that name. */
  readonly digest: string;
  /** What was asked for, in one line without names of people. */
  readonly words: string;
}

/** Records as ranges. */
export type IdsOfKinds = Readonly<Partial<Record<TaskKind, string>>>;

/** The records that are asked for of a kind, as ranges; undefined: all. */
export function askedIds(
  { ids, idsOf }: Pick<RunRequest, 'ids' | 'idsOf'>,
  kind: TaskKind,
): string | undefined {
  return idsOf?.[kind] ?? ids;
}

/** The folder of a run: where the client sees it, and the id that every Activity checks first. */
export interface StoreRef {
  readonly path: string;
  readonly id: string;
  /** Digest of the folder's exclusion list when the run was started: no Activity goes on where that list is gone since. */
  readonly exclusions?: string;
}

/** Equal strings mean the same request: keys sorted, absent fields left out. */
export function canonicalRequest(request: RunRequest): string {
  return canonicalJson(request);
}

/** JSON with the keys of every object sorted, and without what is absent. */
export function canonicalJson(given: unknown): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, entry]) => [key, sorted(entry)]));
  };
  return JSON.stringify(sorted(given));
}

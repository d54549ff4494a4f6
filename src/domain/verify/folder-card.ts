import { formatIds, type ImageId, parseIds, parseMd5 } from '../dataset/ids.ts';
import { kinds as kindTable, type TaskKind, taskKinds } from '../kinds.ts';
import { type AlignRequest, canonicalRequest, type RunRequest } from '../run/request.ts';

/** Which data it is, and where it comes from. */
export type FolderData = Pick<RunRequest, 'manifest' | 'license' | 'source' | 'allowedHosts'>;

/**
 * `current.json`: what the folder was filled with, so that a later `verify` knows without being told and without the
 * server that knew the runs.
 */
export interface FolderCard {
  /** Of the manifest. */
  readonly md5: string;
  readonly request: FolderData;
  /** What runs of this manifest put here, in the order of {@link taskKinds}; absent in cards of older versions. */
  readonly kinds?: readonly TaskKind[];
  /** Only these records were ever asked for, as ranges; absent: all. */
  readonly ids?: string;
  /** How the pictures in each aligned folder were made, the latest last. */
  readonly aligned?: readonly AlignRequest[];
}

export function parseFolderCard(value: unknown): FolderCard | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { md5, request, kinds, ids, aligned } = value as Record<string, unknown>;
  if (parseMd5(md5) === undefined || !isFolderData(request)) return undefined;
  return {
    md5: md5 as string,
    request,
    ...(Array.isArray(kinds) ? { kinds: taskKinds.filter((kind) => kinds.includes(kind)) } : {}),
    ...(typeof ids === 'string' && isRanges(ids) ? { ids } : {}),
    ...(Array.isArray(aligned) ? { aligned: aligned.filter(isAlignRequest) } : {}),
  };
}

/** The card after a run of `request` has begun: what it fetches or makes comes to what is here already. */
export function cardAfter(before: FolderCard | undefined, md5: string, request: RunRequest): FolderCard {
  const { manifest, license, source, allowedHosts, align } = request;
  const data = { md5, request: { manifest, license, source, allowedHosts } };
  const same = before?.md5 === md5 ? before : undefined;
  // Looking changes nothing of what is here.
  if (request.fetch === 'nothing') return before ?? data;
  const kinds = taskKinds.filter((kind) => request.kinds.includes(kind) || same?.kinds?.includes(kind));
  const ids = same === undefined ? request.ids : unionOfIds(same.ids, request.ids);
  const makes = align !== undefined && request.kinds.some((kind) => kindTable[kind].obtained === 'aligned');
  const aligned = makes ? withAligned(same, align) : same?.aligned;
  return {
    ...data,
    kinds,
    ...(ids === undefined ? {} : { ids }),
    ...(aligned === undefined ? {} : { aligned }),
  };
}

/** Do two requests name the same manifest? */
export function isSameManifest(a: Pick<RunRequest, 'manifest'>, b: Pick<RunRequest, 'manifest'>): boolean {
  const canonical = ({ manifest }: Pick<RunRequest, 'manifest'>) =>
    canonicalRequest({ manifest } as RunRequest);
  return canonical(a) === canonical(b);
}

/** What was discarded once stays discarded on purpose, also when a later run of the same folder does not say so again. */
function withAligned(before: FolderCard | undefined, align: AlignRequest): readonly AlignRequest[] {
  const known = before?.aligned ?? [];
  const had = known.find(({ folder }) => folder === align.folder);
  const discardOriginals = align.discardOriginals || (had?.discardOriginals ?? false);
  return [...known.filter(({ folder }) => folder !== align.folder), { ...align, discardOriginals }];
}

function unionOfIds(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  const all: ImageId[] = [...new Set([...parseIds(a), ...parseIds(b)])].sort((x, y) => x - y);
  return formatIds(all);
}

function isRanges(text: string): boolean {
  try {
    parseIds(text);
    return true;
  } catch {
    return false;
  }
}

function isFolderData(value: unknown): value is FolderData {
  if (value === null || typeof value !== 'object') return false;
  const { manifest, license, source, allowedHosts } = value as Record<string, unknown>;
  return (
    [manifest, license, source].every(isNamed) &&
    Array.isArray(allowedHosts) &&
    allowedHosts.every((host) => typeof host === 'string')
  );
}

/** A name and what belongs to it, all of it plain text: nothing that is nested to any depth. */
function isNamed(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return false;
  const fields: readonly unknown[] = Object.values(value);
  return (
    typeof (value as { name?: unknown }).name === 'string' &&
    fields.every((field) => typeof field === 'string')
  );
}

function isAlignRequest(value: unknown): value is AlignRequest {
  if (value === null || typeof value !== 'object') return false;
  const { options, folder, fileIdentical, discardOriginals, sourceDir } = value as Record<string, unknown>;
  if (options === null || typeof options !== 'object') return false;
  const { rotateLevel, randomShift, retryCrops, enablePadding } = options as Record<string, unknown>;
  const flags = [rotateLevel, retryCrops, enablePadding, fileIdentical, discardOriginals];
  return (
    typeof folder === 'string' &&
    typeof randomShift === 'number' &&
    flags.every((flag) => typeof flag === 'boolean') &&
    (sourceDir === undefined || typeof sourceDir === 'string')
  );
}

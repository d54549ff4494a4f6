import { unionOfZips, type ZipsRequest } from '../dataset/asked-files.ts';
import { formatIds, type ImageId, parseIds, parseMd5 } from '../dataset/ids.ts';
import { areZipsAsked, isAligned, type TaskKind, taskKinds } from '../kinds.ts';
import {
  type AlignRequest,
  askedIds,
  canonicalRequest,
  type IdsOfKinds,
  type RunRequest,
} from '../run/request.ts';
import { parseZips } from './parse-zips.ts';

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
  /** Of a kind only these records were ever asked for, as ranges; a kind without an entry: all. */
  readonly idsOf?: IdsOfKinds;
  /** With the kind `zips`: which of them, and where from; absent: all, from where the reference has them. */
  readonly zips?: ZipsRequest;
  /** A run took pictures by their pixels: whoever verifies does so too. */
  readonly accept?: 'pixels';
  /** How the pictures in each aligned folder were made, the latest last. */
  readonly aligned?: readonly AlignRequest[];
  /** Of other manifests whose files runs put here, the latest first. */
  readonly others?: readonly OtherCard[];
}

export type OtherCard = Omit<FolderCard, 'others'>;

/** More manifests in one folder are somebody's experiment. */
const MOST_OTHERS = 8;

export function parseFolderCard(value: unknown): FolderCard | undefined {
  const card = parseOneCard(value);
  if (card === undefined) return undefined;
  const { others } = value as { readonly others?: unknown };
  const parsed = Array.isArray(others) ? others.slice(0, MOST_OTHERS).map(parseOneCard) : [];
  const known = parsed.filter((other) => other !== undefined);
  return known.length === 0 ? card : { ...card, others: known };
}

function parseOneCard(value: unknown): OtherCard | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const {
    md5,
    request,
    kinds,
    ids: idsOfAll,
    idsOf,
    aligned,
    zips: zipsSaid,
    accept,
  } = value as Record<string, unknown>;
  if (parseMd5(md5) === undefined || !isFolderData(request)) return undefined;
  const known = Array.isArray(kinds) ? taskKinds.filter((kind) => kinds.includes(kind)) : undefined;
  // Cards of older versions have the same records for all kinds.
  const all = known && Object.fromEntries(known.map((kind) => [kind, idsOfAll]));
  const ids = parseIdsOf(idsOf ?? all);
  const zips = parseZips(zipsSaid);
  return {
    md5: md5 as string,
    request,
    ...(known === undefined ? {} : { kinds: known }),
    ...(ids === undefined ? {} : { idsOf: ids }),
    ...(zips === undefined ? {} : { zips }),
    ...(accept === 'pixels' ? { accept } : {}),
    ...(Array.isArray(aligned) ? { aligned: aligned.filter(isAlignRequest) } : {}),
  };
}

function parseIdsOf(value: unknown): IdsOfKinds | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const known = taskKinds.flatMap((kind) => {
    const ids = (value as Record<string, unknown>)[kind];
    return typeof ids === 'string' && isRanges(ids) ? [[kind, ids] as const] : [];
  });
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** The card after a run of `request` has begun: what it fetches or makes comes to what is here already. */
export function cardAfter(before: FolderCard | undefined, md5: string, request: RunRequest): FolderCard {
  const { manifest, license, source, allowedHosts, align } = request;
  const data = { md5, request: { manifest, license, source, allowedHosts } };
  // Looking changes nothing of what is here; of a folder that no run has filled, what was looked at is what it holds.
  if (request.fetch === 'nothing' && before !== undefined) return before;
  const known = cardsOf(before);
  // Photographs have another digest whenever one of them, or their landmarks, is changed.
  const isSame = (card: OtherCard) =>
    card.md5 === md5 || (manifest.name === 'photos' && isSameManifest(card.request, request));
  const same = known.find(isSame);
  const others = fewest(known.filter((card) => !isSame(card)));
  const kinds = taskKinds.filter((kind) => request.kinds.includes(kind) || same?.kinds?.includes(kind));
  const idsOf = idsAfter(same, request);
  const zips = zipsAfter(same, request);
  const accept = request.accept ?? same?.accept;
  const makes = align !== undefined && request.kinds.some(isAligned);
  const aligned = makes ? withAligned(same, align) : same?.aligned;
  return {
    ...data,
    kinds,
    ...(Object.keys(idsOf).length === 0 ? {} : { idsOf }),
    ...(zips === undefined ? {} : { zips }),
    ...(accept === undefined ? {} : { accept }),
    ...(aligned === undefined ? {} : { aligned }),
    ...(others.length === 0 ? {} : { others }),
  };
}

/** Of too many the oldest go, and the official dataset never does. */
function fewest(cards: readonly OtherCard[]): readonly OtherCard[] {
  if (cards.length <= MOST_OTHERS) return cards;
  const isOfficial = ({ request }: OtherCard) => request.manifest.name === 'official';
  const kept = [...cards.filter(isOfficial), ...cards.filter((card) => !isOfficial(card))];
  const those = new Set(kept.slice(0, MOST_OTHERS));
  return cards.filter((card) => those.has(card));
}

/** One for each manifest that fills the folder, the latest first. */
export function cardsOf(card: FolderCard | undefined): readonly OtherCard[] {
  if (card === undefined) return [];
  const { others = [], ...latest } = card;
  return [latest, ...others];
}

/** Whoever once asked for all records of a kind is to have all of them. */
function idsAfter(before: OtherCard | undefined, request: RunRequest): IdsOfKinds {
  const idsOf = { ...before?.idsOf };
  for (const kind of request.kinds) {
    const [had, asked] = [idsOf[kind], askedIds(request, kind)];
    // A card without kinds is of an older version, which knew of no limits.
    const isKnown = before !== undefined && (before.kinds === undefined || before.kinds.includes(kind));
    const hadAll = isKnown && had === undefined;
    if (hadAll || asked === undefined) delete idsOf[kind];
    else idsOf[kind] = had === undefined ? asked : unionOfIds(had, asked);
  }
  return idsOf;
}

/** The same for archives. */
function zipsAfter(before: OtherCard | undefined, { kinds, zips }: RunRequest): ZipsRequest | undefined {
  if (!areZipsAsked(kinds)) return before?.zips;
  return areZipsAsked(before?.kinds ?? []) ? unionOfZips(before?.zips, zips) : zips;
}

/** Do two requests name the same manifest? */
export function isSameManifest(a: Pick<RunRequest, 'manifest'>, b: Pick<RunRequest, 'manifest'>): boolean {
  const canonical = ({ manifest }: Pick<RunRequest, 'manifest'>) =>
    canonicalRequest({ manifest } as RunRequest);
  return canonical(a) === canonical(b);
}

/** Is a card of the manifest that a request names? By its digest it may be named in another way. */
export function isCardOf({ md5, request }: OtherCard, { manifest }: Pick<RunRequest, 'manifest'>): boolean {
  return isSameManifest(request, { manifest }) || (manifest.name === 'other' && manifest.md5 === md5);
}

/** What was discarded once stays discarded on purpose, also when a later run of the same folder does not say so again. */
function withAligned(before: OtherCard | undefined, align: AlignRequest): readonly AlignRequest[] {
  const known = before?.aligned ?? [];
  const had = known.find(({ folder }) => folder === align.folder);
  const discardOriginals = align.discardOriginals || (had?.discardOriginals ?? false);
  return [...known.filter(({ folder }) => folder !== align.folder), { ...align, discardOriginals }];
}

/** All records of either, as ranges. */
export function unionOfIds(a: string, b: string): string {
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
    hasFields(manifest, { other: ['location'], photos: ['folder', 'landmarks'] }) &&
    hasFields(license, { url: ['url'] }) &&
    Array.isArray(allowedHosts) &&
    allowedHosts.every((host) => typeof host === 'string')
  );
}

/** What belongs to some names must be there. */
function hasFields(value: unknown, needed: Readonly<Record<string, readonly string[]>>): boolean {
  const given = value as { readonly name: string };
  const fields = Object.hasOwn(needed, given.name) ? (needed[given.name] ?? []) : [];
  return fields.every((field) => Object.hasOwn(given, field));
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

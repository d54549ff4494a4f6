import { isAllowedUrl } from '../dataset/allowed-hosts.ts';
import { taskKinds } from '../kinds.ts';
import { type AlignRequest, canonicalRequest, type IdsOfKinds, type RunRequest } from '../run/request.ts';
import {
  cardsOf,
  type FolderCard,
  type FolderData,
  isCardOf,
  isSameManifest,
  type OtherCard,
  unionOfIds,
} from './folder-card.ts';

/** What flags say of the data and of where it may come from. */
export interface Said extends FolderData {
  readonly align: AlignRequest | undefined;
  readonly says: Readonly<Record<'manifest' | 'license' | 'source', boolean>>;
}

/** What a folder holds, as far as it may be followed. */
export interface Gathered {
  readonly card: FolderCard | undefined;
  /** What others say that our own runs do not, and that leads to nobody whom the user has not named. */
  readonly followed: readonly OtherCard[];
  /** What leads elsewhere: only flags can ask for it. */
  readonly unfollowed: readonly OtherCard[];
}

/**
 * What the cards of a folder say together. Of one that somebody else wrote is followed what leads to nobody whom the
 * built-in list, the flags or our own card does not name: no other host, no folder and no file of this machine.
 *
 * @param believesIds whether their word counts for which records a folder holds: whoever says himself what to look at is
 *   not told of fewer
 */
export function gatherCards(
  ours: FolderCard | undefined,
  foreign: readonly FolderCard[],
  said: Said,
  believesIds: boolean,
): Gathered {
  const named = namedBy(ours, said);
  const cards = [...cardsOf(ours)];
  const followed: OtherCard[] = [];
  const unfollowed: OtherCard[] = [];
  for (const one of foreign.flatMap(cardsOf)) {
    // Their pictures pass by their pixels only where the user says so himself.
    const { idsOf, accept: _, ...rest } = one;
    const all = believesIds && idsOf !== undefined ? { ...rest, idsOf } : rest;
    const at = cards.findIndex((card) => isSame(card, one));
    const request = cards[at]?.request ?? (isNamedAlready(one, said) ? said : one.request);
    if (!isKnown(request, named)) {
      unfollowed.push(one);
      continue;
    }
    const [near, far] = split(one, named);
    if (far.length > 0) unfollowed.push({ ...one, kinds: ['align'], aligned: far });
    const { manifest, license, source, allowedHosts } = request;
    const told = { ...all, request: { manifest, license, source, allowedHosts }, ...near };
    const before = cards[at];
    const after = before === undefined ? told : merged(before, told);
    if (before !== undefined && canonical(after) === canonical(before)) continue;
    cards[at === -1 ? cards.length : at] = after;
    followed.push(told);
  }
  const [latest, ...others] = cards;
  if (latest === undefined) return { card: undefined, followed, unfollowed };
  return { card: others.length === 0 ? latest : { ...latest, others }, followed, unfollowed };
}

/** What the user's flags and own runs have named. */
interface Named {
  readonly hosts: readonly string[];
  readonly data: readonly FolderData[];
  readonly folders: readonly (string | undefined)[];
}

function namedBy(ours: FolderCard | undefined, said: Said): Named {
  const own = cardsOf(ours);
  const data = [...own.map(({ request }) => request), said];
  return {
    data,
    hosts: data.flatMap(({ allowedHosts }) => allowedHosts),
    folders: [...own.flatMap(({ aligned = [] }) => aligned), said.align].map((align) => align?.sourceDir),
  };
}

function isKnown({ manifest, license, source, allowedHosts }: FolderData, { hosts, data }: Named): boolean {
  const isAllowed = (url: string) => URL.canParse(url) && isAllowedUrl(new URL(url), hosts);
  return (
    allowedHosts.every((host) => hosts.includes(host)) &&
    // One that needs to be told nothing asks whom the built-in list names.
    (Object.keys(source).every((key) => key === 'name') ||
      data.some((known) => isEqual(known.source, source))) &&
    (manifest.name === 'official' ||
      (manifest.name === 'other' && isAllowed(manifest.location)) ||
      data.some((known) => isSameManifest(known, { manifest }))) &&
    (license.name !== 'url' ||
      isAllowed(license.url) ||
      data.some((known) => isEqual(known.license, license)))
  );
}

/** Is it what a flag names? Then it comes from where the flags say, whatever the card says of that. */
function isNamedAlready(card: OtherCard, said: Said): boolean {
  return said.says.manifest && isCardOf(card, said);
}

function isSame(a: OtherCard, b: OtherCard): boolean {
  return a.md5 === b.md5 || isSameManifest(a.request, b.request);
}

/** Aligned pictures whose originals lie in the folder itself, or where the user has named a folder; and the others. */
function split(
  { request, aligned }: OtherCard,
  { folders }: Named,
): [Pick<OtherCard, 'aligned'>, readonly AlignRequest[]] {
  if (aligned === undefined) return [{}, []];
  const { manifest } = request;
  const photos = manifest.name === 'photos' ? manifest.folder : undefined;
  const isNear = ({ sourceDir }: AlignRequest) =>
    sourceDir === undefined || sourceDir === photos || folders.includes(sourceDir);
  return [{ aligned: aligned.filter(isNear) }, aligned.filter((align) => !isNear(align))];
}

/** What either says is there; of how it came to be the first one's word counts. */
function merged(own: OtherCard, other: OtherCard): OtherCard {
  const kinds = taskKinds.filter((kind) => own.kinds?.includes(kind) || other.kinds?.includes(kind));
  const idsOf = mergedIds(own, other);
  const aligned = mergedAligned(own.aligned, other.aligned);
  const { idsOf: _, ...rest } = own;
  return {
    ...rest,
    ...(own.kinds === undefined && other.kinds === undefined ? {} : { kinds }),
    ...(Object.keys(idsOf).length === 0 ? {} : { idsOf }),
    ...(aligned.length === 0 ? {} : { aligned }),
  };
}

function mergedIds(own: OtherCard, other: OtherCard): IdsOfKinds {
  // A card without kinds is of an older version, which knew of no limits.
  if (own.kinds === undefined || other.kinds === undefined) return {};
  const idsOf: { -readonly [Kind in keyof IdsOfKinds]: IdsOfKinds[Kind] } = {};
  for (const kind of taskKinds) {
    const said = [own, other].filter(({ kinds }) => kinds?.includes(kind)).map((card) => card.idsOf?.[kind]);
    const [first, second = first] = said;
    if (said.includes(undefined) || first === undefined || second === undefined) continue;
    idsOf[kind] = first === second ? first : unionOfIds(first, second);
  }
  return idsOf;
}

/** Those last whose originals were discarded: the last one tells which of them are missing. */
function mergedAligned(
  own: readonly AlignRequest[] = [],
  other: readonly AlignRequest[] = [],
): readonly AlignRequest[] {
  const added = other.filter(({ folder }) => !own.some((made) => made.folder === folder));
  const mine = own.map((made) => {
    const said = other.find(
      ({ folder, options }) => folder === made.folder && isEqual(options, made.options),
    );
    return said?.discardOriginals === true ? { ...made, discardOriginals: true } : made;
  });
  if (added.length === 0) return mine;
  return [...added, ...mine].sort((a, b) => Number(a.discardOriginals) - Number(b.discardOriginals));
}

function isEqual(a: object, b: object): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: object): string {
  return canonicalRequest(value as RunRequest);
}

import { askedFiles } from '../../domain/dataset/asked-files.ts';
import { parseIds } from '../../domain/dataset/ids.ts';
import type { LargeFileSpec } from '../../domain/dataset/reference-files.ts';
import { isAligned, isLargeFileKind, type TaskKind } from '../../domain/kinds.ts';
import { askedIds, type RunRequest } from '../../domain/run/request.ts';
import { cardsOf, type FolderCard, isCardOf, type OtherCard } from '../../domain/verify/folder-card.ts';
import { flagLinesOf } from '../flags/card-flags.ts';

/**
 * What a folder holds and a request does not look at, a line each: whoever reads `complete` must know of what.
 *
 * @param unfollowed what others say that it holds, from where only flags may ask for it
 */
export function notLookedAt(
  card: FolderCard | undefined,
  unfollowed: readonly OtherCard[],
  request: RunRequest,
): string[] {
  const own = cardsOf(card).flatMap((one) =>
    isCardOf(one, request) ? leftOut(one, request) : [ofOther(one)],
  );
  const others = unfollowed
    .flatMap(flagLinesOf)
    .map((flags) => `what a run of another key says that this folder holds: name it with ${flags}`);
  return [...own, ...others].map((what) => `not looked at: ${what}`);
}

function ofOther({ request: { manifest }, kinds: held = [] }: OtherCard): string {
  const what = held.length === 0 ? 'files' : held.join(', ');
  const how =
    manifest.name === 'other'
      ? `of the manifest ${manifest.location}: name it with --manifest`
      : manifest.name === 'photos'
        ? `aligned from photographs in ${manifest.folder}: run align-photos again`
        : 'of the official manifest: name it with --manifest official';
  return `this folder also holds ${what} ${how}`;
}

/** Of the very manifest that is asked for. */
function leftOut(card: OtherCard, request: RunRequest): string[] {
  const { kinds: held = [], aligned = [] } = card;
  const isLookedAt = (kind: TaskKind) => request.kinds.includes(kind);
  const kinds = held.filter((kind) => !isAligned(kind) && !isLookedAt(kind));
  const folder = isLookedAt('align') ? request.align?.folder : undefined;
  return [
    ...(kinds.length === 0
      ? []
      : [
          `this folder also holds ${kinds.join(', ')}: name them with ${kinds.map((kind) => `--${kind}`).join(' ')}`,
        ]),
    ...aligned
      .filter((align) => align.folder !== folder)
      .map(
        (align) =>
          `pictures aligned into ${align.folder}: name them with --align --align-dir ${align.folder}`,
      ),
    ...held
      .filter((kind) => isLookedAt(kind) && !coversIds(request, kind, card))
      .map((kind) => `other ${kind} than those that ${request.selection?.words ?? '--ids'} names`),
    ...held
      .filter(isLargeFileKind)
      .filter((kind) => isLookedAt(kind) && !coversFiles(askedFiles(kind, request), askedFiles(kind, card)))
      .map((kind) => `other ${kind} than those that --${kind} names`),
  ];
}

function coversFiles(asked: readonly LargeFileSpec[], held: readonly LargeFileSpec[]): boolean {
  return held.every(({ key }) => asked.some((file) => file.key === key));
}

function coversIds(request: RunRequest, kind: TaskKind, { idsOf }: OtherCard): boolean {
  const [asked, held] = [askedIds(request, kind), idsOf?.[kind]];
  // Which records a selection asks for only the manifest tells; what the folder holds is all of it.
  if (request.selection !== undefined) return request.selection.name === 'held';
  if (asked === undefined || asked === held) return true;
  if (held === undefined) return false;
  const those = new Set(parseIds(asked));
  return parseIds(held).every((id) => those.has(id));
}

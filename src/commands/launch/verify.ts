import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Seal } from '../../activities/records/seal.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { TaskKind } from '../../domain/kinds.ts';
import { areZipsAsked, isAligned, isNeededBy, kindMadeOf, kinds, taskKinds } from '../../domain/kinds.ts';
import type { AlignRequest, RunRequest } from '../../domain/run/request.ts';
import type { SelectionAsk } from '../../domain/selection/ask.ts';
import { MOST_IDS_TOLD, selectionRequest } from '../../domain/selection/ask-digest.ts';
import {
  cardsOf,
  type FolderCard,
  isCardOf,
  isSameManifest,
  type OtherCard,
} from '../../domain/verify/folder-card.ts';
import { gatherCards } from '../../domain/verify/foreign-card.ts';
import { lastRequest } from '../../runs/foreign/last-request.ts';
import { workflowIdOf } from '../../runs/workflow-id.ts';
import { readSigningKey } from '../../signing/signing-key.ts';
import type { Verb } from '../context/context.ts';
import { flagLinesOf } from '../flags/card-flags.ts';
import type { RunOptions } from '../flags/run-flags.ts';
import { makeRunRequest, readRunOptions } from '../flags/run-flags.ts';
import { launch } from './launch.ts';
import { notLookedAt } from './not-looked-at.ts';

/**
 * `ffhq verify [--repair]`: hashes everything again. Which data it is, which kinds, which records and how they were
 * aligned the folder knows, unless flags say otherwise.
 */
export const verify: Verb = async (context, values) => {
  const options = readRunOptions(values, context.folders);
  const fetch = values.repair === true ? 'missing' : 'nothing';
  if ((await context.services.findStore(options.out)) === undefined) {
    throw refused(
      `folder [${options.out}]: expected a dataset folder with .ffhq/store.json, got none; name it with --out`,
    );
  }
  return launch(context, values, options, async (asked, session, store, say) => {
    const signingKey = await readSigningKey(context.config.keyFile);
    const seal = new Seal(signingKey);
    const ours = await context.services.readFolderCard(store.path, seal);
    const foreign = await context.services.readForeignCards(store.path, seal);
    const saysAll = saysWhatToLookAt(asked);
    const { card, followed, unfollowed } = gatherCards(ours, foreign, asked, !saysAll);
    if (ours === undefined && unfollowed.length > 0 && !saysAll) throw refusedForeign(store.path, foreign);
    if (followed.length > 0) say(sayForeign(ours !== undefined, followed));
    const known = isWhole(card)
      ? card
      : ofLastRun(card, await lastRequest(session.connected.client, workflowIdOf(store), signingKey));
    const { request, held } = heldByDigest(
      requestToVerify(asked, known, await kindsOnDisk(store.path), fetch),
    );
    if (held !== undefined) await context.services.keepAsk(store.path, held);
    for (const line of notLookedAt(known, unfollowed, request)) say(line);
    return request;
  });
};

/** Of records that are many and lie scattered the run is told a digest; what it stands for lies in the folder. */
function heldByDigest(request: RunRequest): { readonly request: RunRequest; readonly held?: SelectionAsk } {
  const { idsOf, ...rest } = request;
  if (idsOf === undefined || JSON.stringify(idsOf).length <= MOST_IDS_TOLD) return { request };
  const held = { idsOf };
  return { request: { ...rest, selection: selectionRequest(held) }, held };
}

/** What lies in somebody else's folder, and where it may be fetched from, only flags say. */
function saysWhatToLookAt({ kinds: asked, says }: RunOptions): boolean {
  return asked.length > 0 && says.manifest;
}

/** Whoever reads `complete` must know whose word it goes by. */
function sayForeign(isOursToo: boolean, cards: readonly OtherCard[]): string {
  const whose = isOursToo
    ? 'not by runs of this key alone, but also by those'
    : 'not by runs of this key, but by those';
  return (
    `this folder was filled ${whose} of another one, of another user or of a version before; what it should ` +
    `hold is what it says itself: ${cards.flatMap(flagLinesOf).join('; ')}`
  );
}

function refusedForeign(path: string, cards: readonly FolderCard[]) {
  return refused([
    `folder [${path}]: expected one that runs of this key filled, got one of another key, of another user or of a version before`,
    'it says that it holds what these flags name; give them, line by line, or those that you believe:',
    ...cards.flatMap(flagLinesOf),
    'if it is a folder of your lab, set FFHQ_KEY_FILE to its key',
  ]);
}

/** Cards of older versions say which manifest it is, and nothing of what was made of it. */
function isWhole(card: FolderCard | undefined): card is FolderCard {
  return card?.kinds !== undefined;
}

/** What the last run that this server knows of was asked for: it may have named another manifest and ended before it had it. */
function ofLastRun(card: FolderCard | undefined, last: RunRequest | undefined): FolderCard | undefined {
  if (last === undefined) return card;
  const request = card?.request ?? last;
  const { align, ids } = last;
  // Which records were selected is known by the card; without one the run ended before it had any file.
  if (!isSameManifest(last, request) || last.selection !== undefined) return card;
  return {
    md5: card?.md5 ?? '',
    request,
    kinds: last.kinds,
    ...(ids === undefined ? {} : { idsOf: Object.fromEntries(last.kinds.map((kind) => [kind, ids])) }),
    ...(align === undefined ? {} : { aligned: [align] }),
    ...(card?.others === undefined ? {} : { others: card.others }),
  };
}

/** A request to look at what is there: data, kinds, records and aligning as the folder knows them, the rest as asked. */
function requestToVerify(
  asked: RunOptions,
  card: FolderCard | undefined,
  onDisk: readonly TaskKind[],
  fetch: RunRequest['fetch'],
): RunRequest {
  const wantedData = asked.says.manifest ? asked : (card?.request ?? asked);
  const filledBy = cardsOf(card).find((one) => isCardOf(one, wantedData));
  const data = dataToVerify(asked, card, filledBy);
  const align = alignToVerify(asked, filledBy?.aligned ?? []);
  const kindsThere = (kind: TaskKind) =>
    isAligned(kind) ? align !== undefined : onDisk.includes(kind) || filledBy?.kinds?.includes(kind);
  const wanted = asked.kinds.length > 0 ? asked.kinds : taskKinds.filter(kindsThere);
  // A damaged picture is made anew of its original, which may be gone.
  const mayBringBack = (kind: TaskKind) => align?.discardOriginals === true && isNeededBy(kind, wanted);
  const isAsked = asked.ids !== undefined || asked.selection !== undefined;
  const idsOf = isAsked ? undefined : filledBy?.idsOf;
  // Whoever names none of them means those that were put here, and where they were found.
  const zips = asked.zips ?? (areZipsAsked(wanted) ? filledBy?.zips : undefined);
  const accept = asked.accept ?? filledBy?.accept;
  const { align: _, ...request } = makeRunRequest(asked, { trust: 'contents', fetch });
  return {
    ...request,
    ...data,
    kinds: taskKinds.filter((kind) => wanted.includes(kind) || mayBringBack(kind)),
    ...(accept === undefined ? {} : { accept }),
    ...(idsOf === undefined ? {} : { idsOf }),
    ...(zips === undefined ? {} : { zips }),
    // Where only originals are asked for, too: it says which of them have served and may be gone.
    ...(align !== undefined && wanted.some(concernsAligning) ? { align } : {}),
  };
}

function dataToVerify(
  { says, manifest, license, source, allowedHosts }: RunOptions,
  card: FolderCard | undefined,
  filledBy: OtherCard | undefined,
): FolderCard['request'] {
  if (card === undefined) return { manifest, license, source, allowedHosts };
  const { request } = filledBy ?? card;
  return {
    manifest: says.manifest ? manifest : request.manifest,
    // The licence belongs to the manifest.
    license: says.license || filledBy === undefined ? license : request.license,
    source: says.source ? source : request.source,
    allowedHosts: [...new Set([...request.allowedHosts, ...allowedHosts])].sort(),
  };
}

/** The folder knows how its pictures were aligned; only for those that it does not know the flags decide. */
function alignToVerify(asked: RunOptions, aligned: readonly AlignRequest[]): AlignRequest | undefined {
  const latest = aligned.at(-1);
  if (asked.align === undefined) return latest;
  const { folder } = asked.align;
  const known = aligned.find((made) => made.folder === folder);
  return known ?? (folder === kinds.align.folder ? latest : undefined) ?? asked.align;
}

/** Kinds that have a folder under OUT. */
async function kindsOnDisk(out: string): Promise<TaskKind[]> {
  const found: TaskKind[] = [];
  for (const kind of taskKinds) {
    // What aligned pictures should be depends on the options that they were made by.
    if (isAligned(kind)) continue;
    if (await exists(join(out, kinds[kind].folder))) found.push(kind);
  }
  return found;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Is it made by aligning, or what that is made of? */
function concernsAligning(kind: TaskKind): boolean {
  return isAligned(kind) || kindMadeOf(kind) !== undefined;
}

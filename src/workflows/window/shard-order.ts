/**
 * Which shards of a run may start, as far as one kind is made of another: aligned pictures of originals.
 *
 * A folder's originals and its aligned pictures take turns, never both at once. Fetching ends when it is through, or when
 * what is left must wait: for a quota, or for room on a full disk. Then comes aligning: of everything once no original is
 * to come any more, else of what is there; after that fetching may go on.
 *
 * With `--discard-originals` at most `originalsAhead` folders hold originals: a folder takes its place when fetching
 * starts and gives it back when what was fetched has been aligned, since then it is gone. A folder whose files wait and
 * that has nothing on the disk holds no place.
 *
 * Why nothing waits for ever:
 * - Aligning waits for no other folder, only for a lane: it may always start when its folder's fetching has ended.
 * - Fetching that finds the disk full ends. So every original that came whole is aligned and, where it may, goes.
 * - A place is held only by a folder that is being fetched or whose aligning may start: each place comes free.
 * - Once nothing of ours is left to free, fetching is tried again after a wait: then whoever filled the disk must help.
 */

import type { Folder } from '../../domain/dataset/ids.ts';
import { isMadeFrom, type ShardKind, shardRow } from '../../domain/kinds.ts';
import type { Tally } from '../../domain/run/progress.ts';
import type { PendingShard } from '../../domain/run/workflow-inputs.ts';

/** Shards that the run still has to see to. */
export interface Unsettled {
  readonly open: readonly PendingShard[];
  readonly pending: readonly PendingShard[];
}

/** @param originalsAhead folders that may hold originals; undefined: any number */
export function isItsTurn(
  shard: PendingShard,
  { open, pending }: Unsettled,
  originalsAhead: number | undefined,
): boolean {
  const { folder } = shard;
  const { madeOf } = shardRow(shard.kind);
  if (madeOf !== undefined) {
    if (open.some(isShard(madeOf, folder))) return false;
    return shard.holdsOriginals === true || !pending.some(isShard(madeOf, folder));
  }
  const isMadeOfIt = ({ kind }: PendingShard) => isMadeFrom(kind, shard.kind);
  if (open.some((other) => isMadeOfIt(other) && other.folder === folder)) return false;
  const made = [...open, ...pending].filter(isMadeOfIt);
  if (originalsAhead === undefined || made.length === 0) return true;
  const holding = new Set(made.filter((other) => other.holdsOriginals).map((other) => other.folder));
  if (holding.has(folder)) return false;
  for (const other of open) if (other.kind === shard.kind) holding.add(other.folder);
  return holding.size < originalsAhead;
}

/** Is it to be made only of what is there, because more of what it is made of is to come? */
export function awaitsOriginals(shard: PendingShard, { pending }: Unsettled): boolean {
  const { madeOf } = shardRow(shard.kind);
  return madeOf !== undefined && pending.some(isShard(madeOf, shard.folder));
}

/** What is pending once fetching of originals has ended: what is made of them has something to be made of. */
export function withOriginals(pending: readonly PendingShard[], fetched: PendingShard): PendingShard[] {
  return pending.map((shard) =>
    isMadeFrom(shard.kind, fetched.kind) && shard.folder === fetched.folder
      ? { ...shard, holdsOriginals: true }
      : shard,
  );
}

/** An aligned shard that comes again when more originals are there. */
export function withoutOriginals({ holdsOriginals: _, ...shard }: PendingShard): PendingShard {
  return shard;
}

/** Did the execution that ended with this tally bring files to the disk, or find some there? */
export function hasCome(shard: PendingShard, tally: Tally): boolean {
  const before = shard.carried?.tally ?? { doneFiles: shard.doneFiles, fetchedFiles: 0 };
  return tally.doneFiles > before.doneFiles || tally.fetchedFiles > before.fetchedFiles;
}

function isShard(kind: ShardKind, folder: Folder): (shard: PendingShard) => boolean {
  return (shard) => shard.kind === kind && shard.folder === folder;
}

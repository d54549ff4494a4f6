import { formatIds, type ImageId, parseIds } from '../dataset/ids.ts';
import type { DeferredByBundle } from '../run/activity-inputs.ts';
import type { Wait } from '../run/progress.ts';
import type { QuotaWait, WaitingFiles } from '../run/workflow-inputs.ts';
import { formatFiles } from '../words/format.ts';
import { boundedWait, refusedAgain, toldOf } from './quota-wait.ts';

/** Refusals beyond these are long at the longest wait, so that the number of groups is bounded. */
export const MOST_GROUPS = 20;

/** Ids that are not to be asked for yet. */
export function waitingIds(groups: readonly WaitingFiles[], now: number): ImageId[] {
  return groups.filter(({ until }) => until > now).flatMap(({ ids }) => parseIds(ids));
}

/** What is still known of these files; the others have come, or failed. */
export function onlyOf(groups: readonly WaitingFiles[], ids: ReadonlySet<ImageId>): WaitingFiles[] {
  return groups.flatMap((group) => only(group, (id) => ids.has(id)));
}

/** The same without these files: they are being asked for. */
export function without(groups: readonly WaitingFiles[], ids: ReadonlySet<ImageId>): WaitingFiles[] {
  return groups.flatMap((group) => only(group, (id) => !ids.has(id)));
}

/**
 * After some files were asked for: those that were refused just now wait, each of them once more than before.
 *
 * @param asked no other file can have been refused
 * @param isOver all the others that were asked for have come, or failed; else some may be left as they were
 * @param random gives 0 to 1
 */
export function afterAsking(
  groups: readonly WaitingFiles[],
  {
    asked,
    deferred,
    isOver,
  }: {
    readonly asked: readonly ImageId[];
    readonly deferred: DeferredByBundle | undefined;
    readonly isOver: boolean;
  },
  now: number,
  random: () => number,
): WaitingFiles[] {
  const named = new Set(parseIds(deferred?.ids ?? ''));
  const refused = new Set(asked.filter((id) => named.has(id)));
  const gone = isOver ? new Set(asked) : refused;
  let waiting = groups.flatMap((group) => only(group, (id) => !gone.has(id)));
  if (deferred === undefined || refused.size === 0) return waiting;
  const known = groups.flatMap((group) => only(group, (id) => refused.has(id)));
  for (const { ids } of known) for (const id of parseIds(ids)) refused.delete(id);
  for (const before of known)
    waiting = joined(waiting, { ids: before.ids, ...refusedAgain(before, deferred, now, random()) });
  if (refused.size === 0) return waiting;
  return joined(waiting, { ids: formatted(refused), ...refusedAgain(undefined, deferred, now, random()) });
}

/** When the first of them may be asked for again (ms since the epoch); undefined where there is none. */
export function firstEnd(groups: readonly QuotaWait[]): number | undefined {
  return groups.length === 0 ? undefined : Math.min(...groups.map(({ until }) => until));
}

export function boundedWaits(groups: readonly WaitingFiles[], now: number): WaitingFiles[] {
  return groups.map((group) => boundedWait(group, now));
}

/** What a person should know of them: the next try, and the longest wait so far. */
export function toldOfFiles(name: string, groups: readonly WaitingFiles[]): Wait[] {
  const [first] = [...groups].sort((a, b) => a.until - b.until);
  if (first === undefined) return [];
  const files = groups.reduce((sum, { ids }) => sum + parseIds(ids).length, 0);
  const since = Math.min(...groups.map((group) => group.since));
  const times = Math.max(...groups.map((group) => group.times));
  return [toldOf(`${name}: ${formatFiles(files)}`, { ...first, since, times })];
}

function only(group: WaitingFiles, wanted: (id: ImageId) => boolean): WaitingFiles[] {
  const ids = parseIds(group.ids).filter(wanted);
  return ids.length === 0 ? [] : [{ ...group, ids: formatIds(ids) }];
}

function joined(groups: readonly WaitingFiles[], more: WaitingFiles): WaitingFiles[] {
  const like = groups.find((group) => rank(group) === rank(more));
  if (like === undefined) return [...groups, more];
  const both: WaitingFiles = {
    ids: formatted([...parseIds(like.ids), ...parseIds(more.ids)]),
    reason: like.until <= more.until ? like.reason : more.reason,
    until: Math.min(like.until, more.until),
    since: Math.min(like.since, more.since),
    times: Math.max(like.times, more.times),
  };
  return groups.map((group) => (group === like ? both : group));
}

function rank({ times }: QuotaWait): number {
  return Math.min(times, MOST_GROUPS);
}

function formatted(ids: Iterable<ImageId>): string {
  return formatIds([...new Set(ids)].sort((a, b) => a - b));
}

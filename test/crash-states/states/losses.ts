import { isData, isName, type Operation } from '../disk/operations.ts';
import type { Loss } from './crashed-disk.ts';
import { Dice } from './dice.ts';

/*
 * Which operations a power cut may take. POSIX promises nothing before a sync: of everything that was not synced any part
 * may be lost, in any order; a file's sync keeps its bytes, not its name; a folder's sync keeps the names in it. `in order`
 * is what journalling file systems do (ext4, XFS): names are kept in their order, and with any sync all names before it;
 * the bytes of files that were not synced are anybody's guess all the same.
 */

/** Operations that a file system holds back at the most, in these states: what is older has been written by now. */
const HELD_BACK = 40;

/** The ways to lose something; `draws`: how many of a random one. */
const ways = {
  nothing: { draws: 1, loss: () => lossOf([]) },
  everything: { draws: 1, loss: ({ pending }) => lossOf(pending) },
  bytes: { draws: 1, loss: ({ data }) => lossOf(data) },
  'bytes, sizes kept': { draws: 1, loss: ({ data }) => lossOf([], data, 'zeros') },
  'second halves': { draws: 1, loss: ({ data }) => lossOf([], data, 'half') },
  names: { draws: 1, loss: ({ names }) => lossOf(names) },
  'all but the last': {
    draws: 1,
    loss: ({ pending, last }) => lossOf(pending.filter((one) => one !== last)),
  },
  'one name': { draws: 1, loss: ({ names, dice }) => lossOf(names.length > 0 ? [dice.one(names)] : []) },
  'in order': { draws: 6, loss: inOrder },
  anything: { draws: 8, loss: anything },
} as const satisfies Record<string, { readonly draws: number; readonly loss: (at: Moment) => Loss }>;

export type Way = keyof typeof ways;
export const allWays = Object.keys(ways) as readonly Way[];

/** What is not safe yet at a cut, by numbers of operations. */
interface Moment {
  readonly operations: readonly Operation[];
  readonly cut: number;
  readonly pending: readonly number[];
  readonly data: readonly number[];
  readonly names: readonly number[];
  readonly last: number;
  readonly dice: Dice;
}

/** One way to lose something at one cut; the same words always lose the same. */
export function lossAt(operations: readonly Operation[], cut: number, way: Way, draw: number): Loss {
  const pending = unsynced(operations, cut);
  const of = (is: (operation: Operation) => boolean) =>
    pending.filter((number) => is(operations[number] as Operation));
  const dice = new Dice(`${cut} ${way} ${draw}`);
  const moment = { operations, cut, pending, data: of(isData), names: of(isName), last: cut - 1, dice };
  return ways[way].loss(moment);
}

export function drawsOf(way: Way): number {
  return ways[way].draws;
}

function unsynced(operations: readonly Operation[], cut: number): number[] {
  const synced = new Set<number>();
  const pending: number[] = [];
  for (let number = cut - 1; number >= 0; number--) {
    const operation = operations[number] as Operation;
    if (operation.kind === 'sync') synced.add(operation.inode);
    else if (!isKept(operation, synced)) pending.push(number);
    if (pending.length >= HELD_BACK) break;
  }
  return pending.reverse();
}

/** A rename from one folder to another is kept once either is synced: this program makes none whose parts could differ. */
function isKept(operation: Operation, synced: ReadonlySet<number>): boolean {
  if (isData(operation)) return synced.has(operation.inode);
  if (operation.kind === 'sync') return true;
  return synced.has(operation.at.folder);
}

/** A journal ends somewhere after the last sync; bytes that were not synced by then may be there or not. */
function inOrder({ operations, cut, names, data, dice }: Moment): Loss {
  let committed = 0;
  for (let number = 0; number < cut; number++) if (operations[number]?.kind === 'sync') committed = number;
  const end = committed + dice.below(cut - committed + 1);
  const lost = new Set(names.filter((number) => number >= end));
  const torn = new Map<number, 'half' | 'zeros'>();
  for (const number of data) guess(number, dice, lost, torn);
  return { lost, torn };
}

function anything({ pending, operations, dice }: Moment): Loss {
  const lost = new Set<number>();
  const torn = new Map<number, 'half' | 'zeros'>();
  for (const number of pending) {
    if (operations[number]?.kind === 'write') guess(number, dice, lost, torn);
    else if (dice.below(2) === 0) lost.add(number);
  }
  return { lost, torn };
}

function guess(number: number, dice: Dice, lost: Set<number>, torn: Map<number, 'half' | 'zeros'>): void {
  const face = dice.below(5);
  if (face < 2) return;
  if (face === 2) lost.add(number);
  else torn.set(number, face === 3 ? 'half' : 'zeros');
}

function lossOf(lost: readonly number[], torn: readonly number[] = [], how: 'half' | 'zeros' = 'half'): Loss {
  return { lost: new Set(lost), torn: new Map(torn.map((number) => [number, how])) };
}

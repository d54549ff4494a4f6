import {
  type FailureReason,
  isFailureReason,
  isStoreReason,
  type StoreFailureReason,
} from '../failure/reasons.ts';
import { type FileKind, fileKinds } from '../kinds.ts';
import { type Slowness, slownessKinds } from '../limits/slowdown.ts';
import { membersOf } from '../parsed-json.ts';

/** What was done of one kind. */
export interface DoneOfKind {
  /** Settled by work: fetched, aligned, or read to be verified; those that records vouch for are none of them. */
  readonly files: number;
  /** That came, or were read. */
  readonly bytes: number;
  /** Given up. */
  readonly failed: number;
}

/** What can go wrong, with a file or with the whole folder. */
export type FaultReason = FailureReason | StoreFailureReason;

/** What one worker did in a stretch of time: a line of `.ffhq/timeline/<run>/<writer>.jsonl`. */
export interface TimelinePoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How long. */
  readonly ms: number;
  readonly kinds: Readonly<Partial<Record<FileKind, DoneOfKind>>>;
  /** How often each came, whatever became of the file. */
  readonly faults: Readonly<Partial<Record<FaultReason, number>>>;
  /** Until when (milliseconds since the epoch) something waits, by what for. */
  readonly waits: Readonly<Partial<Record<FaultReason, number>>>;
  /** What files in hand waited for. */
  readonly slow: Slowness;
}

export const nothingDone: DoneOfKind = { files: 0, bytes: 0, failed: 0 };

/** Two that stand for one stretch, from the first moment of either to the last. */
export function joinedPoints(one: TimelinePoint, other: TimelinePoint): TimelinePoint {
  const at = Math.min(one.at, other.at);
  return {
    at,
    ms: Math.max(one.at + one.ms, other.at + other.ms) - at,
    kinds: united(one.kinds, other.kinds, addDone),
    faults: united(one.faults, other.faults, sum),
    waits: united(one.waits, other.waits, Math.max),
    slow: united(one.slow, other.slow, sum),
  };
}

/** The longest that a point stands for. */
const LONGEST_MS = 30 * 86_400_000;

/**
 * Points in as many bytes as they may take at most: those within a stretch of time are put together, and the stretch is
 * made longer until they fit.
 *
 * @returns the points in order, and the stretch in milliseconds
 */
export function thinned(
  points: readonly TimelinePoint[],
  mostBytes: number,
): { readonly points: readonly TimelinePoint[]; readonly stretchMs: number } {
  let stretchMs = 1_000;
  let kept = inStretches(points, stretchMs);
  while (bytesOf(kept) > mostBytes && stretchMs < LONGEST_MS) {
    stretchMs *= 2;
    kept = inStretches(kept, stretchMs);
  }
  return { points: kept, stretchMs };
}

function inStretches(points: readonly TimelinePoint[], stretchMs: number): readonly TimelinePoint[] {
  const byStretch = new Map<number, TimelinePoint>();
  for (const point of points) {
    const stretch = Math.floor(point.at / stretchMs);
    const known = byStretch.get(stretch);
    byStretch.set(stretch, known === undefined ? point : joinedPoints(known, point));
  }
  return [...byStretch.values()].sort((one, other) => one.at - other.at);
}

function bytesOf(points: readonly TimelinePoint[]): number {
  return points.reduce((bytes, point) => bytes + lineOf(point).length, 0);
}

/** As it stands in the file. */
export function lineOf(point: TimelinePoint): string {
  return `${JSON.stringify({ ...point, at: new Date(point.at).toISOString() })}\n`;
}

/**
 * What a line of the file says; undefined where it is none of ours. The folder may be anybody's: only known words and sound
 * figures are taken.
 */
export function pointOf(value: unknown): TimelinePoint | undefined {
  const { at, ms, kinds, faults, waits, slow } = membersOf(value);
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  const length = figure(ms);
  if (!isTime(time) || length === undefined || length > LONGEST_MS) return undefined;
  return {
    at: time,
    ms: length,
    kinds: known(kinds, fileKinds, doneOf),
    faults: knownReasons(faults, figure),
    waits: knownReasons(waits, timeOf),
    slow: known(slow, slownessKinds, figure),
  };
}

/** 2001 to 2100: what lies outside is a mistake, and would only stretch the chart. */
function isTime(ms: number): boolean {
  return ms > 978_307_200_000 && ms < 4_102_444_800_000;
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && isTime(value) ? value : undefined;
}

function figure(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function doneOf(value: unknown): DoneOfKind | undefined {
  const { files, bytes, failed } = membersOf(value);
  return { files: figure(files) ?? 0, bytes: figure(bytes) ?? 0, failed: figure(failed) ?? 0 };
}

function known<Word extends string, Value>(
  members: unknown,
  words: readonly Word[],
  read: (value: unknown) => Value | undefined,
): Partial<Record<Word, Value>> {
  const table = membersOf(members);
  const taken = words.flatMap((word) => {
    const value = Object.hasOwn(table, word) ? read(table[word]) : undefined;
    return value === undefined ? [] : [[word, value] as const];
  });
  return Object.fromEntries(taken) as Partial<Record<Word, Value>>;
}

function knownReasons(
  members: unknown,
  read: (value: unknown) => number | undefined,
): Partial<Record<FaultReason, number>> {
  const words = Object.keys(membersOf(members)).filter(
    (word): word is FaultReason => isFailureReason(word) || isStoreReason(word),
  );
  return known(members, words, read);
}

function united<Word extends string, Value>(
  one: Readonly<Partial<Record<Word, Value>>>,
  other: Readonly<Partial<Record<Word, Value>>>,
  both: (one: Value, other: Value) => Value,
): Partial<Record<Word, Value>> {
  const all: Partial<Record<Word, Value>> = { ...one };
  for (const [word, value] of Object.entries(other) as [Word, Value][]) {
    const had = all[word];
    all[word] = had === undefined ? value : both(had, value);
  }
  return all;
}

function addDone(one: DoneOfKind, other: DoneOfKind): DoneOfKind {
  return {
    files: one.files + other.files,
    bytes: one.bytes + other.bytes,
    failed: one.failed + other.failed,
  };
}

function sum(one: number, other: number): number {
  return one + other;
}

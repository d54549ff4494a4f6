import { type FileKind, fileKinds } from '../kinds.ts';
import { type SlownessKind, slownessKinds } from '../limits/slowdown.ts';
import type { FaultReason, TimelinePoint } from '../timeline/timeline-point.ts';

/** A stretch of a chart. */
export interface ChartColumn {
  readonly files: Map<FileKind, number>;
  readonly bytes: Map<FileKind, number>;
  faults: number;
}

/** A course over time, in columns of one width. */
export interface Course {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly columns: readonly ChartColumn[];
  /** Kinds of which there is anything, in the order in which they are shown. */
  readonly kinds: readonly FileKind[];
  readonly faults: ReadonlyMap<FaultReason, number>;
  /** From when to when something waited, by what for; those that touch are one. */
  readonly waits: ReadonlyMap<FaultReason, readonly (readonly [from: number, to: number])[]>;
  /** What files in hand waited for, in milliseconds. */
  readonly slow: ReadonlyMap<SlownessKind, number>;
}

const COLUMNS = 240;

/** @param end when the run ended, or now: no wait is longer; undefined where there is no point */
export function courseOf(
  points: readonly TimelinePoint[],
  end: number | undefined,
  count = COLUMNS,
): Course | undefined {
  if (points.length === 0) return undefined;
  const from = points.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const last = points.reduce((most, { at, ms }) => Math.max(most, at + ms), from);
  const to = Math.max(last, end ?? last, from + 1_000);
  const columns = Array.from({ length: count }, (): ChartColumn => {
    return { files: new Map(), bytes: new Map(), faults: 0 };
  });
  const kinds = new Set<FileKind>();
  const faults = new Map<FaultReason, number>();
  const waits = new Map<FaultReason, [number, number][]>();
  const slow = new Map<SlownessKind, number>();
  for (const point of points) {
    for (const [column, share] of sharesOf(point, from, (to - from) / count, columns))
      for (const kind of fileKinds) {
        const done = point.kinds[kind];
        if (done === undefined) continue;
        kinds.add(kind);
        add(column.files, kind, done.files * share);
        add(column.bytes, kind, done.bytes * share);
      }
    const at = columns[Math.min(count - 1, Math.floor(((point.at - from) / (to - from)) * count))];
    for (const [reason, times] of entries(point.faults)) {
      add(faults, reason, times);
      if (at !== undefined) at.faults += times;
    }
    for (const [reason, until] of entries(point.waits)) {
      const spans = waits.get(reason) ?? [];
      waits.set(reason, spans);
      const [begun, ended] = [point.at, Math.min(until, to)];
      const before = spans.at(-1);
      if (before !== undefined && begun <= before[1]) before[1] = Math.max(before[1], ended);
      else if (ended > begun) spans.push([begun, ended]);
    }
    for (const kind of slownessKinds) add(slow, kind, point.slow[kind] ?? 0);
  }
  const shown = fileKinds.filter((kind) => kinds.has(kind));
  return { from, to, columns, kinds: shown, faults, waits, slow };
}

/** How much of a point falls into which column. */
function sharesOf(
  { at, ms }: TimelinePoint,
  from: number,
  width: number,
  columns: readonly ChartColumn[],
): readonly (readonly [ChartColumn, number])[] {
  const last = columns.length - 1;
  const indexOf = (time: number) => Math.min(last, Math.max(0, Math.floor((time - from) / width)));
  const [first, behind] = [indexOf(at), indexOf(at + ms)];
  const shares: (readonly [ChartColumn, number])[] = [];
  for (let index = first; index <= behind; index++) {
    const column = columns[index];
    if (column === undefined) continue;
    const begun = Math.max(at, from + index * width);
    const ended = index === behind ? at + ms : from + (index + 1) * width;
    shares.push([column, ms === 0 ? 1 : (ended - begun) / ms]);
  }
  return shares;
}

function add<Word>(sums: Map<Word, number>, word: Word, more: number): void {
  sums.set(word, (sums.get(word) ?? 0) + more);
}

function entries(table: Readonly<Partial<Record<FaultReason, number>>>): [FaultReason, number][] {
  return Object.entries(table) as [FaultReason, number][];
}

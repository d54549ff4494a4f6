import { mirrorIndex, reflectIndex } from './reflect-index.ts';

/** A run of places along one axis, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One axis of a padded picture: what stands where, and which places must be filtered. */
export interface MirrorPlan {
  /** For each place of the padded axis, the sample of the crop that stands there. */
  readonly index: Int32Array;
  /** For each place, one with the same neighbourhood, whose blur is the same to the last bit; itself for most. */
  readonly twin: Int32Array;
  /** Places that are their own twin, as spans. */
  readonly own: readonly Span[];
  /** Of those, the ones that the blend gives weight to because of where they lie on this axis alone. */
  readonly edge: readonly Span[];
}

/**
 * `shares`: of the blur, because of where a place lies on this axis. A reflected place at least `radius`
 * from the padded picture's border sees what its mirror image sees, in reverse.
 */
export function mirrorPlan(
  length: number,
  before: number,
  after: number,
  radius: number,
  shares: Float32Array,
): MirrorPlan {
  const index = reflectIndex(length, before, after);
  const total = index.length;
  const twin = Int32Array.from({ length: total }, (_, at) => at);
  // Longer pads are reflections of reflections, which need not be periodic.
  if (before <= length - 1) for (let at = radius; at < before; at++) twin[at] = 2 * before - at;
  const end = before + length - 1;
  if (after <= length - 1) for (let at = total - 1 - radius; at > end; at--) twin[at] = 2 * end - at;
  const isEdge = new Uint8Array(total);
  for (let at = 0; at < total; at++) if ((shares[at] ?? 0) > 0) isEdge[twin[at] ?? at] = 1;
  return {
    index,
    twin,
    own: spansOf(total, (at) => twin[at] === at),
    edge: spansOf(total, (at) => isEdge[at] === 1),
  };
}

/** The places of which `isIn` holds. */
export function spansOf(length: number, isIn: (at: number) => boolean): Span[] {
  const spans: Span[] = [];
  let from = -1;
  for (let at = 0; at <= length; at++) {
    const inside = at < length && isIn(at);
    if (inside && from < 0) from = at;
    if (!inside && from >= 0) {
      spans.push({ from, to: at });
      from = -1;
    }
  }
  return spans;
}

/** Crop samples that the spans at the sides are filtered from, by a window that reaches so far. */
export function columnsNear({ edge, index }: MirrorPlan, width: number, reach: number): Uint8Array {
  const near = new Uint8Array(width);
  for (const { from, to } of edge) {
    for (let at = from - reach; at < to + reach; at++)
      near[index[mirrorIndex(at, index.length)] as number] = 1;
  }
  return near;
}

/** All places of some spans. */
export function placesOf(spans: readonly Span[]): number[] {
  return spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, nth) => from + nth));
}

/** For each place that others are twins of, which. */
export function twinsOf(twin: Int32Array): ReadonlyMap<number, readonly number[]> {
  const twins = new Map<number, number[]>();
  for (const [at, own] of twin.entries()) {
    if (own === at) continue;
    const known = twins.get(own);
    if (known) known.push(at);
    else twins.set(own, [at]);
  }
  return twins;
}

/** Some rows that are their own twins, at most `lanes` at a time, all with the same spans of columns to be filtered. */
export function* rowGroups(
  own: readonly number[],
  across: MirrorPlan,
  down: MirrorPlan,
  lanes: number,
): Generator<{ readonly places: readonly number[]; readonly spans: readonly Span[] }> {
  const isEdge = (y: number) => down.edge.some(({ from, to }) => y >= from && y < to);
  for (const [rows, spans] of [
    [own.filter(isEdge), across.own],
    [own.filter((y) => !isEdge(y)), across.edge],
  ] as const) {
    for (let first = 0; first < rows.length; first += lanes) {
      yield { places: rows.slice(first, first + lanes), spans };
    }
  }
}

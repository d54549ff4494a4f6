/** A part of a whole that is drawn. */
export interface Share {
  readonly name: string;
  readonly count: number;
  /** Of the whole, 0 to 1. */
  readonly share: number;
  /** Other: all that have no part of their own. */
  readonly is: 'named' | 'unknown' | 'other';
}

/**
 * The largest parts of counts, and the rest as one.
 *
 * @param most parts with a name of their own
 * @param unknown name of what is not known: it is no country, and may be most
 */
export function sharesOf(counts: ReadonlyMap<string, number>, most: number, unknown?: string): Share[] {
  const sorted = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  const named = sorted.filter(([name]) => name !== unknown);
  // One that would be the only one of the rest may as well be named.
  const kept = new Set(named.slice(0, named.length === most + 1 ? most + 1 : most).map(([name]) => name));
  const shares = sorted
    .filter(([name]) => name === unknown || kept.has(name))
    .map(
      ([name, count]): Share => ({
        name: name === unknown ? 'unknown' : name,
        count,
        share: count / all,
        is: name === unknown ? 'unknown' : 'named',
      }),
    );
  const others = named.filter(([name]) => !kept.has(name));
  if (others.length === 0) return shares;
  const count = others.reduce((sum, [, one]) => sum + one, 0);
  return [...shares, { name: `${others.length} others`, count, share: count / all, is: 'other' }];
}

/** In percent with one decimal; the smallest ones are not none. */
export function shareText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return '<0.1 %';
  if (percent < 100 && percent >= 99.95) return '>99.9 %';
  return `${percent.toFixed(1)} %`;
}

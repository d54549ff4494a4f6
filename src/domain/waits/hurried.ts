/** What came of `retry-now`, in one workflow or in several. */
export interface Hurried {
  /** Waits for a quota that ended. */
  readonly ended: number;
  /** A closed source is being asked. */
  readonly asked?: boolean;
  /** A closed source was asked a moment ago, or its gate does not hear: that wait goes on. */
  readonly kept?: boolean;
}

/** Nothing waited. */
export const notHurried: Hurried = { ended: 0 };

export function bothHurried(a: Hurried, b: Hurried): Hurried {
  return {
    ended: a.ended + b.ended,
    ...(a.asked || b.asked ? { asked: true } : {}),
    ...(a.kept || b.kept ? { kept: true } : {}),
  };
}

/**
 * What came of it, in words.
 *
 * @returns `ended`: of what is asked for now; `kept`: of what is not
 */
export function hurriedWords({ ended, asked, kept }: Hurried): {
  readonly ended?: string;
  readonly kept?: string;
} {
  const waits = ended === 0 ? [] : [ended === 1 ? '1 wait ended' : `${ended} waits ended`];
  const all = asked ? [...waits, 'a closed source is being asked'] : waits;
  return {
    ...(all.length > 0 ? { ended: all.join('; ') } : {}),
    ...(kept && !asked
      ? { kept: 'a closed source was asked a moment ago, or its gate does not hear: its wait goes on' }
      : {}),
  };
}

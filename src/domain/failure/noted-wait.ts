/**
 * A wait that travels between processes, whose clocks may be hours apart: it ends at a moment of the clock of whoever noted
 * it, and lasts no longer than it was meant to by anybody's.
 */
export interface NotedWait {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** How long (ms) it was when it was noted; notes of older versions lack it. */
  readonly waitMs?: number;
}

export function noteWait(now: number, waitMs: number): Required<NotedWait> {
  return { until: now + waitMs, waitMs };
}

/** When it ends by the clock of whoever reads it. */
export function endOfWait({ until, waitMs }: NotedWait, now: number): number {
  return waitMs === undefined ? until : Math.min(until, now + waitMs);
}
